import { createLocalJWKSet, jwtVerify } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { day, second } from '../../../platform/clock.ts'
import { inTransaction } from '../../../platform/database/index.ts'
import { databases, describeEachDatabase, type TestDatabase } from '../../../platform/database/testing.ts'
import type { Client } from '../../../records/clients/index.ts'
import { listEvents } from '../../../records/events/index.ts'
import { setUserStatus, type User } from '../../../records/users/index.ts'
import {
  addClient,
  addUser,
  type Browser,
  firstOrg,
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
let spa: Client
let web: Client
let user: User
let browser: Browser
const secret = 'a long secret'

async function furnish(database: Pick<TestDatabase, 'open'>) {
  house = await openTestHouse(await database.open())
  spa = await addClient(house, {})
  web = await addClient(house, { application_type: 'web', client_secret: secret })
  user = await addUser(house)
  browser = await signIn(house, user)
}

async function onSqlite() {
  const [sqlite] = databases
  if (!sqlite) throw new Error('no database')
  await furnish(sqlite)
}

const scope = 'openid profile offline_access'

/** The first refresh token of a new grant. */
async function begin(client: Client, more: Parameters = {}): Promise<string> {
  const credentials = client === web ? { client_secret: secret } : {}
  const code = await getCode(house, client, browser, { scope })
  return (await redeem(house, client, code, { ...credentials, ...more })).json().refresh_token
}

async function refresh(client: Client, token: string, more: Parameters = {}) {
  const credentials = client === web ? { client_secret: secret } : {}
  const parameters = { grant_type: 'refresh_token', refresh_token: token, client_id: client.id }
  return await postToken(house, { ...parameters, ...credentials, ...more })
}

describe('RFC 6749 §6 a confidential client', () => {
  beforeAll(onSqlite)

  test('keeps its refresh token', async () => {
    const token = await begin(web)
    for (let use = 0; use < 3; use += 1) {
      const response = await refresh(web, token)
      expect(response.json()).toMatchObject({ token_type: 'Bearer', scope, refresh_token: token })
    }
  })

  test('gets an ID token that says the same of the same user, without the nonce', async () => {
    const token = await begin(web)
    house.pass(second)
    const tokens = (await refresh(web, token)).json()
    const keys = await house.app.inject({ method: 'GET', url: '/oauth2/default/v1/keys' })
    const { payload } = await jwtVerify(tokens.id_token, createLocalJWKSet(keys.json()))
    expect(payload).toMatchObject({ sub: user.id, aud: web.id, amr: ['swk', 'mfa'] })
    expect(payload.auth_time).toBe(Math.floor((browser.session.authentications[0]?.at ?? 0) / 1000))
    expect(payload).not.toHaveProperty('nonce')
  })

  test('may ask for less, and gets it back later', async () => {
    const token = await begin(web)
    const narrow = (await refresh(web, token, { scope: 'profile' })).json()
    expect(narrow.scope).toBe('profile')
    expect(narrow).not.toHaveProperty('id_token')
    expect((await refresh(web, token)).json().scope).toBe(scope)
  })

  test('may not ask for more', async () => {
    const response = await refresh(web, await begin(web), { scope: 'openid phone' })
    expect([reasonOf(response), response.json().error]).toEqual(['refresh_scope_exceeded', 'invalid_scope'])
  })

  test('loses it when the user may not sign in, and has it again with them', async () => {
    const token = await begin(web)
    const set = (status: 'suspended' | 'active') =>
      inTransaction(house.db, (tx) => setUserStatus(tx, firstOrg, user.id, status, house.now()))
    await set('suspended')
    const refused = await refresh(web, token)
    await set('active')
    expect(reasonOf(refused)).toBe('refresh_user_not_active')
    expect(refused.json()).toEqual({
      error: 'invalid_grant',
      error_description: 'The refresh token is invalid or expired.',
    })
    expect((await refresh(web, token)).statusCode).toBe(200)
  })

  test('loses it after its lifetime', async () => {
    const token = await begin(web)
    house.pass(90 * day)
    expect(reasonOf(await refresh(web, token))).toBe('refresh_token_unknown')
    browser = await signIn(house, user)
  })

  test('gets none without offline_access', async () => {
    const code = await getCode(house, web, browser, { scope: 'openid' })
    expect((await redeem(house, web, code, { client_secret: secret })).json()).not.toHaveProperty('refresh_token')
  })
})

describe('A refresh token in other hands', () => {
  beforeAll(onSqlite)

  test('is refused to another client, and stays good for its own', async () => {
    const token = await begin(spa)
    expect(reasonOf(await refresh(await addClient(house, {}), token))).toBe('refresh_client_mismatch')
    expect((await refresh(spa, token)).statusCode).toBe(200)
  })

  test('is refused at another authorization server and at another org', async () => {
    const token = await begin(spa)
    expect(reasonOf(await refresh(spa, token, { base: '/oauth2/v1' }))).toBe('refresh_server_mismatch')
    const twin = await addClient(house, { client_id: spa.id }, secondOrg)
    expect(reasonOf(await refresh(twin, token, { host: secondHost }))).toBe('refresh_token_unknown')
    expect((await refresh(spa, token)).statusCode).toBe(200)
  })

  test('is no code, and a code is none', async () => {
    const token = await begin(spa)
    expect(reasonOf(await redeem(house, spa, token))).toBe('code_unknown')
    const code = await getCode(house, spa, browser)
    expect(reasonOf(await refresh(spa, code))).toBe('refresh_token_unknown')
  })
})

describeEachDatabase('RFC 9700 §4.14.2 a public client', (_, database) => {
  beforeAll(() => furnish(database))

  test('gets a new refresh token each time', async () => {
    const first = await begin(spa)
    const second_ = (await refresh(spa, first)).json().refresh_token
    const third = (await refresh(spa, second_)).json().refresh_token
    expect(new Set([first, second_, third]).size).toBe(3)
  })

  test('that lost the answer on its way gets the same one again within the grace', async () => {
    const first = await begin(spa)
    const answer = (await refresh(spa, first)).json()
    house.pass(29 * second)
    const again = (await refresh(spa, first)).json()
    expect(again.refresh_token).toBe(answer.refresh_token)
    expect((await refresh(spa, again.refresh_token)).statusCode).toBe(200)
  })

  test('whose old token comes after the grace loses the whole family', async () => {
    const first = await begin(spa)
    const { refresh_token: successor, access_token: access } = (await refresh(spa, first)).json()
    house.pass(31 * second)
    const refused = await refresh(spa, first)
    expect(reasonOf(refused)).toBe('refresh_token_reused')
    expect(refused.json().error).toBe('invalid_grant')
    expect(reasonOf(await refresh(spa, successor))).toBe('refresh_token_unknown')
    const headers = { authorization: `Bearer ${access}` }
    const userinfo = await house.app.inject({ method: 'GET', url: '/oauth2/default/v1/userinfo', headers })
    expect(reasonOf(userinfo)).toBe('token_revoked')
    const events = await listEvents(house.db, firstOrg, { limit: 2, types: ['refresh-token.reused', 'grant.revoked'] })
    expect(events.map(({ reason, clientId }) => [reason, clientId])).toEqual([
      ['refresh_token_reused', spa.id],
      ['refresh_token_reused', spa.id],
    ])
  })

  test('whose old token comes when its successor was used loses the family at once', async () => {
    const first = await begin(spa)
    const next = (await refresh(spa, first)).json().refresh_token
    await refresh(spa, next)
    expect(reasonOf(await refresh(spa, first))).toBe('refresh_token_reused')
  })

  test('that asks for too much still has its token', async () => {
    const first = await begin(spa)
    expect(reasonOf(await refresh(spa, first, { scope: 'openid phone' }))).toBe('refresh_scope_exceeded')
    house.pass(31 * second)
    expect((await refresh(spa, first)).statusCode).toBe(200)
  })

  test('fifty times at once has one successor', async () => {
    const first = await begin(spa)
    const responses = await Promise.all(Array.from({ length: 50 }, () => refresh(spa, first)))
    expect(responses.map(({ statusCode }) => statusCode)).toEqual(Array.from({ length: 50 }, () => 200))
    expect(new Set(responses.map((response) => response.json().refresh_token)).size).toBe(1)
  })

  test('keeps to the lifetime that its first token had', async () => {
    let token = await begin(spa)
    for (let use = 0; use < 3; use += 1) {
      house.pass(29 * day)
      const response = await refresh(spa, token)
      token = response.json().refresh_token
    }
    house.pass(3 * day)
    expect(reasonOf(await refresh(spa, token))).toBe('refresh_token_unknown')
    browser = await signIn(house, user)
  })
})
