import { beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../platform/database/testing.ts'
import type { Client } from '../../../records/clients/index.ts'
import type { User } from '../../../records/users/index.ts'
import {
  addClient,
  addUser,
  authorizeQuery,
  type Browser,
  openTestHouse,
  type Parameters,
  reasonOf,
  redeem,
  redirectOf,
  signIn,
  type TestHouse,
} from '../testing.ts'

let house: TestHouse
let client: Client
let user: User
let browser: Browser

beforeAll(async () => {
  const [sqlite] = databases
  if (!sqlite) throw new Error('no database')
  house = await openTestHouse(await sqlite.open())
  client = await addClient(house, {})
  user = await addUser(house)
  browser = await signIn(house, user)
})

const ask = (claims: unknown, changes: Parameters = {}, by = client) => {
  const text = typeof claims === 'string' ? claims : JSON.stringify(claims)
  const query = authorizeQuery(by, { scope: 'openid', prompt: 'none', claims: text, ...changes })
  const url = `/oauth2/default/v1/authorize?${query}`
  return house.app.inject({ method: 'GET', url, headers: { cookie: browser.cookie } })
}

async function answersOf(claims: unknown, changes: Parameters = {}, by = client) {
  const { code = '' } = redirectOf(await ask(claims, changes, by)).parameters
  const tokens = (await redeem(house, by, code)).json()
  const idToken = JSON.parse(Buffer.from(tokens.id_token.split('.')[1] ?? '', 'base64url').toString())
  const headers = { authorization: `Bearer ${tokens.access_token}` }
  const info = await house.app.inject({ method: 'GET', url: '/oauth2/default/v1/userinfo', headers })
  return { idToken, userinfo: info.json() }
}

describe('OpenID Connect Core §5.5 claims asked for by name', () => {
  test('come where they were asked for, and nowhere else', async () => {
    const { idToken, userinfo } = await answersOf({
      id_token: { given_name: null, email_verified: { essential: true } },
      userinfo: { name: { essential: true }, nickname: null },
    })
    expect(idToken).toMatchObject({ given_name: 'Ada', email_verified: true })
    expect(idToken).not.toHaveProperty('name')
    expect(idToken).not.toHaveProperty('email')
    expect(userinfo).toEqual({ sub: user.id, name: 'Ada Byron' })
  })

  test('that nobody knows, or that only the server says, change nothing', async () => {
    const names = { iss: { value: 'https://evil.example' }, scp: null, unheard_of: null, __proto__: null }
    const { idToken } = await answersOf({ id_token: names })
    expect(idToken.iss).toBe(`${house.url}/oauth2/default`)
    expect(idToken).not.toHaveProperty('unheard_of')
    expect(idToken).not.toHaveProperty('scp')
  })

  test('do not come around the scopes that a client may have', async () => {
    const narrow = await addClient(house, { scope: 'openid profile' })
    const { idToken } = await answersOf({ id_token: { email: null, name: null } }, {}, narrow)
    expect(idToken).toMatchObject({ name: 'Ada Byron' })
    expect(idToken).not.toHaveProperty('email')
  })

  test('do not come around what people are asked about', async () => {
    const asking = await addClient(house, { consent: 'required' })
    const { idToken } = await answersOf({ id_token: { email: null } }, {}, asking)
    expect(idToken).not.toHaveProperty('email')
  })

  test.each(['no JSON', '[]', '"text"', '{"id_token":{"email":"yes"}}', '{"id_token":[]}'])(
    'are refused where they are none: %s',
    async (claims) => {
      const response = await ask(claims)
      expect([reasonOf(response), redirectOf(response).parameters.error]).toEqual([
        'claims_malformed',
        'invalid_request',
      ])
    },
  )
})

describe('OpenID Connect Core §5.5.1 values that are demanded', () => {
  test('a user: that one signs in, or nobody', async () => {
    expect(redirectOf(await ask({ id_token: { sub: { value: user.id } } })).parameters).toHaveProperty('code')
    expect(reasonOf(await ask({ id_token: { sub: { value: 'somebody else' } } }))).toBe('login_required')
  })

  test('a context: reached, or asked for', async () => {
    const essential = (values: string[]) => ({ id_token: { acr: { essential: true, values } } })
    expect((await answersOf(essential(['phrh', 'phr']))).idToken.acr).toBe('phr')
    expect(reasonOf(await ask(essential(['phrh'])))).toBe('login_required')
    const unknown = await ask(essential(['urn:unheard-of']))
    expect([reasonOf(unknown), redirectOf(unknown).parameters.error]).toEqual([
      'authentication_requirements_unmet',
      'unmet_authentication_requirements',
    ])
  })

  test('a context that is only wished for demands nothing', async () => {
    expect(redirectOf(await ask({ id_token: { acr: { values: ['phrh'] } } })).parameters).toHaveProperty('code')
  })
})
