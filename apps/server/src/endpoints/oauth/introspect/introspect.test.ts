import type { LightMyRequestResponse } from 'fastify'
import { beforeAll, describe, expect, test } from 'vitest'
import { day, hour } from '../../../platform/clock.ts'
import { inTransaction } from '../../../platform/database/index.ts'
import { databases } from '../../../platform/database/testing.ts'
import { type Client, saveClient } from '../../../records/clients/index.ts'
import { revokeGrantsOfUser } from '../../../records/grants/index.ts'
import { setUserStatus, type User } from '../../../records/users/index.ts'
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
  secondHost,
  secondOrg,
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

const offline = { scope: 'openid profile offline_access' }

async function tokensOf(
  changes: Parameters = offline,
  who: { client: Client; browser: Browser } = { client, browser },
) {
  const code = await getCode(house, who.client, who.browser, changes)
  const { base } = changes
  return (await redeem(house, who.client, code, base === undefined ? {} : { base })).json()
}

async function ask(
  { base = '/oauth2/default/v1', host = 'localhost', ...parameters }: Parameters,
  headers: Readonly<Record<string, string>> = {},
): Promise<LightMyRequestResponse> {
  const url = `${base}/introspect`
  const payload = encode(parameters)
  return await house.app.inject({ method: 'POST', url, headers: { host, ...form, ...headers }, payload })
}

const inactive = { active: false }

describe('RFC 7662 §2.2 a token that holds', () => {
  test('an access token says what it opens, for whom and until when', async () => {
    const { access_token: token } = await tokensOf()
    const response = await ask({ token, client_id: client.id })
    expect(response.statusCode).toBe(200)
    expect(response.headers['cache-control']).toBe('no-store')
    expect(response.json()).toEqual({
      active: true,
      token_type: 'Bearer',
      scope: 'openid profile offline_access',
      client_id: client.id,
      username: user.login,
      exp: expect.any(Number),
      iat: expect.any(Number),
      sub: user.login,
      aud: 'api://default',
      iss: `${house.url}/oauth2/default`,
      jti: expect.stringMatching(/^AT\./),
      uid: user.id,
    })
  })

  test('a refresh token says the same of itself', async () => {
    const { refresh_token: token } = await tokensOf()
    expect((await ask({ token, client_id: client.id })).json()).toEqual({
      active: true,
      token_type: 'Bearer',
      scope: 'openid profile offline_access',
      client_id: client.id,
      username: user.login,
      exp: expect.any(Number),
      sub: user.login,
    })
  })

  test('an ID token is told with its own subject, and is no bearer token', async () => {
    const { id_token: token } = await tokensOf()
    const answer = (await ask({ token, client_id: client.id })).json()
    expect(answer).toMatchObject({ active: true, sub: user.id, aud: client.id, username: user.login })
    expect(answer).not.toHaveProperty('token_type')
    expect(answer).not.toHaveProperty('scope')
  })

  test.each(['access_token', 'refresh_token', 'id_token', 'nonsense'])(
    'is recognised whatever the hint says: %s',
    async (hint) => {
      const { access_token: token } = await tokensOf()
      expect((await ask({ token, client_id: client.id, token_type_hint: hint })).json().active).toBe(true)
    },
  )

  test('is told at the org’s own server too', async () => {
    const base = '/oauth2/v1'
    const { access_token: token } = await tokensOf({ base })
    expect((await ask({ base, token, client_id: client.id })).json()).toMatchObject({ active: true, aud: house.url })
  })
})

describe('RFC 7662 §2.2 a token that does not hold says no more than that', () => {
  test.each(['nonsense', 'no.jwt.here', 'a.b.c', '..'])('an invented one: %s', async (token) => {
    expect((await ask({ token, client_id: client.id })).json()).toEqual(inactive)
  })

  test.each(['access_token', 'refresh_token', 'id_token'])('another client’s: %s', async (kind) => {
    const tokens = await tokensOf()
    expect((await ask({ token: tokens[kind], client_id: other.id })).json()).toEqual(inactive)
    expect((await ask({ token: tokens[kind], client_id: client.id })).json().active).toBe(true)
  })

  test.each(['access_token', 'refresh_token', 'id_token'])('another issuer’s: %s', async (kind) => {
    const tokens = await tokensOf()
    expect((await ask({ base: '/oauth2/v1', token: tokens[kind], client_id: client.id })).json()).toEqual(inactive)
  })

  test('another org’s', async () => {
    const { access_token: token } = await tokensOf()
    const stranger = await addClient(house, {}, secondOrg)
    expect((await ask({ host: secondHost, token, client_id: stranger.id })).json()).toEqual(inactive)
  })

  test('one whose signature was changed', async () => {
    const { access_token: token } = await tokensOf()
    const [head, body, signature = ''] = String(token).split('.')
    const changed = `${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`
    expect((await ask({ token: `${head}.${body}.${changed}`, client_id: client.id })).json()).toEqual(inactive)
  })

  test('a refresh token that was replaced', async () => {
    const { refresh_token: token } = await tokensOf()
    const again = await postToken(house, { grant_type: 'refresh_token', refresh_token: token, client_id: client.id })
    expect((await ask({ token, client_id: client.id })).json()).toEqual(inactive)
    expect((await ask({ token: again.json().refresh_token, client_id: client.id })).json().active).toBe(true)
  })

  test('one whose grant or user was ended', async () => {
    const person = await addUser(house)
    const who = { client, browser: await signIn(house, person) }
    const tokens = await tokensOf(offline, who)
    const kinds = ['access_token', 'refresh_token', 'id_token'] as const
    const states = async () =>
      await Promise.all(kinds.map(async (kind) => (await ask({ token: tokens[kind], client_id: client.id })).json()))
    expect((await states()).map(({ active }) => active)).toEqual([true, true, true])
    await inTransaction(house.db, (tx) => setUserStatus(tx, firstOrg, person.id, 'suspended', house.now()))
    expect(await states()).toEqual([inactive, inactive, inactive])
    await inTransaction(house.db, (tx) => setUserStatus(tx, firstOrg, person.id, 'active', house.now()))
    await inTransaction(house.db, (tx) => revokeGrantsOfUser(tx, firstOrg, person.id, house.now()))
    expect((await states()).map(({ active }) => active)).toEqual([false, false, true])
  })

  test('one that has expired', async () => {
    const tokens = await tokensOf()
    house.pass(2 * hour)
    const active = async (token: string) => (await ask({ token, client_id: client.id })).json().active
    expect([await active(tokens.access_token), await active(tokens.id_token)]).toEqual([false, false])
    expect(await active(tokens.refresh_token)).toBe(true)
    house.pass(91 * day)
    expect(await active(tokens.refresh_token)).toBe(false)
    browser = await signIn(house, user)
  })
})

describe('RFC 7662 §2.1 who may ask', () => {
  test('a public client by its name alone, in the form or in a header without a colon', async () => {
    const { access_token: token } = await tokensOf()
    expect((await ask({ token, client_id: client.id })).json().active).toBe(true)
    const authorization = `Basic ${Buffer.from(client.id).toString('base64')}`
    expect((await ask({ token }, { authorization })).json().active).toBe(true)
  })

  test('a confidential one with its secret, in the header or in the form', async () => {
    const web = await addClient(house, { application_type: 'web', client_secret: 'the secret of a client' })
    const code = await getCode(house, web, browser)
    const token = (await redeem(house, web, code, { client_secret: 'the secret of a client' })).json().access_token
    const authorization = `Basic ${Buffer.from(`${web.id}:the secret of a client`).toString('base64')}`
    expect((await ask({ token }, { authorization })).json().active).toBe(true)
    const inForm = await ask({ token, client_id: web.id, client_secret: 'the secret of a client' })
    expect(inForm.json().active).toBe(true)
    const bare = await ask({ token, client_id: web.id })
    expect([bare.statusCode, reasonOf(bare), bare.json().error]).toEqual([
      401,
      'client_method_mismatch',
      'invalid_client',
    ])
    const wrong = await ask({ token, client_id: web.id, client_secret: 'no' })
    expect([wrong.statusCode, reasonOf(wrong)]).toEqual([401, 'client_secret_incorrect'])
  })

  test('nobody without a name', async () => {
    const response = await ask({ token: 'x' })
    expect([response.statusCode, reasonOf(response), response.json().error]).toEqual([
      401,
      'credentials_missing',
      'invalid_client',
    ])
  })

  test('no client that was switched off', async () => {
    const gone = await addClient(house, {})
    const { id, ...rest } = gone
    await inTransaction(house.db, (tx) =>
      saveClient(tx, firstOrg, { ...rest, id, status: 'inactive' }, house.vault, house.now()),
    )
    const response = await ask({ token: 'x', client_id: gone.id })
    expect([response.statusCode, reasonOf(response)]).toEqual([401, 'client_inactive'])
  })
})

describe('RFC 7662 §2.1 a request that is refused', () => {
  test('without a token, in Okta’s words', async () => {
    const response = await ask({ client_id: client.id })
    expect([response.statusCode, reasonOf(response)]).toEqual([400, 'token_missing'])
    expect(response.json()).toEqual({
      error: 'invalid_request',
      error_description: 'The `token` parameter is required.',
    })
  })

  test('with the token in the address, where logs would keep it', async () => {
    const url = '/oauth2/default/v1/introspect?token=x'
    const payload = encode({ client_id: client.id })
    const response = await house.app.inject({ method: 'POST', url, headers: form, payload })
    expect([response.statusCode, reasonOf(response)]).toEqual([400, 'credentials_in_query'])
  })

  test('with JSON, twice the token, or GET', async () => {
    const url = '/oauth2/default/v1/introspect'
    const json = await house.app.inject({ method: 'POST', url, payload: { token: 'x', client_id: client.id } })
    expect(json.statusCode).toBe(415)
    const payload = `token=a&token=b&client_id=${client.id}`
    const twice = await house.app.inject({ method: 'POST', url, headers: form, payload })
    expect([twice.statusCode, reasonOf(twice)]).toEqual([400, 'duplicate_parameter'])
    expect((await house.app.inject({ method: 'GET', url })).statusCode).toBe(405)
  })
})

test('The pages of clients may ask from their own origin, strangers’ may not read the answer', async () => {
  const url = '/oauth2/default/v1/introspect'
  const preflight = (origin: string) =>
    house.app.inject({
      method: 'OPTIONS',
      url,
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
    })
  const known = await preflight('https://app.example')
  expect(known.headers['access-control-allow-origin']).toBe('https://app.example')
  expect((await preflight('https://evil.example')).headers['access-control-allow-origin']).toBeUndefined()
})
