import { beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../platform/database/testing.ts'
import type { Client } from '../../../records/clients/index.ts'
import { type EventName, listEvents } from '../../../records/events/index.ts'
import type { User } from '../../../records/users/index.ts'
import {
  addClient,
  addUser,
  type Browser,
  encode,
  firstOrg,
  form,
  getCode,
  openTestHouse,
  type Parameters,
  postToken,
  reasonOf,
  redeem,
  signIn,
  type TestHouse,
} from '../testing.ts'

let house: TestHouse
let client: Client
let other: Client
let user: User
let browser: Browser

beforeAll(async () => {
  const [sqlite] = databases
  if (!sqlite) throw new Error('no database')
  house = await openTestHouse(await sqlite.open())
  client = await addClient(house, {})
  other = await addClient(house, {})
  user = await addUser(house)
  browser = await signIn(house, user)
})

async function tokensOf(changes: Parameters = {}) {
  const code = await getCode(house, client, browser, { scope: 'openid offline_access', ...changes })
  const { base } = changes
  return (await redeem(house, client, code, base === undefined ? {} : { base })).json()
}

async function post(
  endpoint: 'revoke' | 'introspect',
  { base = '/oauth2/default/v1', ...parameters }: Parameters,
  headers: Readonly<Record<string, string>> = {},
) {
  const url = `${base}/${endpoint}`
  return await house.app.inject({ method: 'POST', url, headers: { ...form, ...headers }, payload: encode(parameters) })
}

const revoke = (parameters: Parameters) => post('revoke', { client_id: client.id, ...parameters })

async function isActive(token: string): Promise<boolean> {
  return (await post('introspect', { token, client_id: client.id })).json().active
}

const eventsNamed = async (name: EventName) =>
  await listEvents(house.db, firstOrg, { limit: 1000, newestFirst: true, types: [name] })

describe('RFC 7009 §2 a token that its client gives back', () => {
  test('an access token ends alone, everywhere', async () => {
    const tokens = await tokensOf()
    const response = await revoke({ token: tokens.access_token, token_type_hint: 'access_token' })
    expect([response.statusCode, response.body]).toEqual([200, ''])
    expect(await isActive(tokens.access_token)).toBe(false)
    expect(await isActive(tokens.refresh_token)).toBe(true)
    const headers = { authorization: `Bearer ${tokens.access_token}` }
    const info = await house.app.inject({ method: 'GET', url: '/oauth2/default/v1/userinfo', headers })
    expect([info.statusCode, reasonOf(info)]).toEqual([401, 'token_revoked'])
  })

  test('a refresh token takes its access tokens with it', async () => {
    const tokens = await tokensOf()
    const next = await postToken(house, {
      grant_type: 'refresh_token',
      refresh_token: tokens.refresh_token,
      client_id: client.id,
    })
    const { access_token: access, refresh_token: refresh } = next.json()
    expect((await revoke({ token: refresh })).statusCode).toBe(200)
    expect([await isActive(refresh), await isActive(access), await isActive(tokens.access_token)]).toEqual([
      false,
      false,
      false,
    ])
    const late = await postToken(house, { grant_type: 'refresh_token', refresh_token: refresh, client_id: client.id })
    expect([late.statusCode, late.json().error]).toEqual([400, 'invalid_grant'])
  })

  test('a refresh token that was replaced ends the family as well', async () => {
    const { refresh_token: first } = await tokensOf()
    const second = await postToken(house, { grant_type: 'refresh_token', refresh_token: first, client_id: client.id })
    expect((await revoke({ token: first })).statusCode).toBe(200)
    expect(await isActive(second.json().refresh_token)).toBe(false)
  })

  test('is recorded once, however often it is given back', async () => {
    const tokens = await tokensOf()
    const before = (await eventsNamed('token.revoked')).length
    for (const token of [tokens.access_token, tokens.access_token, tokens.refresh_token, tokens.refresh_token])
      expect((await revoke({ token })).statusCode).toBe(200)
    const events = (await eventsNamed('token.revoked')).slice(0, 2)
    expect((await eventsNamed('token.revoked')).length - before).toBe(2)
    expect(events.map(({ details }) => details.kind).toSorted()).toEqual(['access', 'refresh'])
    expect(events.every(({ clientId, userId }) => clientId === client.id && userId === user.id)).toBe(true)
  })

  test('works for both kinds of server and for a name in a header without a colon', async () => {
    const base = '/oauth2/v1'
    const { access_token: token } = await tokensOf({ base })
    const authorization = `Basic ${Buffer.from(client.id).toString('base64')}`
    expect((await post('revoke', { base, token }, { authorization })).statusCode).toBe(200)
    expect((await post('introspect', { base, token, client_id: client.id })).json()).toEqual({ active: false })
  })
})

describe('RFC 7009 §2.2 a token that means nothing here', () => {
  test.each(['nonsense', 'a.b.c'])('is not an error: %s', async (token) => {
    const response = await revoke({ token })
    expect([response.statusCode, response.body]).toEqual([200, ''])
  })

  test.each(['access_token', 'refresh_token'])('another issuer’s stays as it is: %s', async (kind) => {
    const tokens = await tokensOf()
    expect((await revoke({ base: '/oauth2/v1', token: tokens[kind] })).statusCode).toBe(200)
    expect(await isActive(tokens[kind])).toBe(true)
  })
})

describe('RFC 7009 §2.1 a revocation that is refused', () => {
  test.each(['access_token', 'refresh_token'])('of another client’s token, which lives on: %s', async (kind) => {
    const tokens = await tokensOf()
    const response = await post('revoke', { token: tokens[kind], client_id: other.id })
    expect([response.statusCode, reasonOf(response), response.json().error]).toEqual([
      400,
      'revocation_client_mismatch',
      'invalid_grant',
    ])
    expect(await isActive(tokens[kind])).toBe(true)
    const [event] = await eventsNamed('token.refused')
    expect(event).toMatchObject({ outcome: 'FAILURE', reason: 'revocation_client_mismatch', clientId: other.id })
  })

  test('of an ID token, which nobody would look up (§2.2.1)', async () => {
    const { id_token: token } = await tokensOf()
    const response = await revoke({ token })
    expect([response.statusCode, reasonOf(response), response.json().error]).toEqual([
      400,
      'token_kind_not_revocable',
      'unsupported_token_type',
    ])
  })

  test('without a token, and without a client', async () => {
    const bare = await revoke({})
    expect([bare.statusCode, reasonOf(bare)]).toEqual([400, 'token_missing'])
    const nameless = await post('revoke', { token: 'x' })
    expect([nameless.statusCode, reasonOf(nameless)]).toEqual([401, 'credentials_missing'])
  })

  test('of a confidential client that does not prove itself', async () => {
    const web = await addClient(house, { application_type: 'web', client_secret: 'the secret of a client' })
    const response = await post('revoke', { token: 'x', client_id: web.id })
    expect([response.statusCode, reasonOf(response)]).toEqual([401, 'client_method_mismatch'])
  })
})
