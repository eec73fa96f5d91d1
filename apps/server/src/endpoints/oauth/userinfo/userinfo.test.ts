import { beforeAll, describe, expect, test } from 'vitest'
import { signJwt } from '../../../authorization/jwt.ts'
import { day, hour } from '../../../platform/clock.ts'
import { inTransaction } from '../../../platform/database/index.ts'
import { databases } from '../../../platform/database/testing.ts'
import { defaultServerId, type ServerId } from '../../../records/authorization-servers/index.ts'
import { type Client, saveClient } from '../../../records/clients/index.ts'
import { revokeGrantsOfUser } from '../../../records/grants/index.ts'
import { currentKey, listSigningKeys, loadPrivateKey, rotateSigningKeys } from '../../../records/keys/index.ts'
import { setUserStatus, type User } from '../../../records/users/index.ts'
import {
  addClient,
  addUser,
  type Browser,
  firstOrg,
  form,
  getCode,
  openTestHouse,
  type Parameters,
  reasonOf,
  redeem,
  secondHost,
  secondOrg,
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

type Tokens = { access_token: string; id_token: string }

async function tokensOf(changes: Parameters = {}, who = { client, browser }): Promise<Tokens> {
  const { base, host } = changes
  const place = { ...(base !== undefined && { base }), ...(host !== undefined && { host }) }
  const code = await getCode(house, who.client, who.browser, changes)
  return (await redeem(house, who.client, code, place)).json()
}

async function ask(token: string, { base = '/oauth2/default/v1', host = 'localhost' } = {}) {
  const headers = { host, authorization: `Bearer ${token}` }
  return await house.app.inject({ method: 'GET', url: `${base}/userinfo`, headers })
}

/** Signs whatever is asked for with the server's own key, as an attacker who could would. */
async function forge(claims: object, server: ServerId = defaultServerId): Promise<string> {
  const key = currentKey(await listSigningKeys(house.db, firstOrg, server), house.now())
  if (!key) throw new Error('no key')
  const privateKey = await loadPrivateKey(house.db, house.vault, firstOrg, server, key.id)
  return await signJwt({ ...claims }, { ...key, privateKey })
}

const claimsIn = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())

describe('OpenID Connect Core §5.3 userinfo', () => {
  test('tells what the scopes allow, by GET and by POST, in the header and in a form', async () => {
    const { access_token: token } = await tokensOf()
    const expected = {
      sub: user.id,
      name: 'Ada Byron',
      given_name: 'Ada',
      family_name: 'Byron',
      preferred_username: user.login,
      updated_at: expect.any(Number),
      email: user.profile.email,
      email_verified: true,
    }
    const url = '/oauth2/default/v1/userinfo'
    const get = await ask(token)
    expect(get.headers['cache-control']).toBe('no-store')
    expect(get.json()).toEqual(expected)
    const post = await house.app.inject({ method: 'POST', url, headers: { authorization: `Bearer ${token}` } })
    expect(post.json()).toEqual(expected)
    const inForm = await house.app.inject({ method: 'POST', url, headers: form, payload: `access_token=${token}` })
    expect(inForm.json()).toEqual(expected)
  })

  test('tells no more than the scopes allow', async () => {
    const { access_token: token } = await tokensOf({ scope: 'openid' })
    expect((await ask(token)).json()).toEqual({ sub: user.id })
  })

  test('answers for the org’s own tokens too', async () => {
    const base = '/oauth2/v1'
    const { access_token: token } = await tokensOf({ base })
    expect((await ask(token, { base })).json().sub).toBe(user.id)
  })

  test('may be read by the pages of clients', async () => {
    const { access_token: token } = await tokensOf()
    const headers = { origin: 'https://app.example', authorization: `Bearer ${token}` }
    const response = await house.app.inject({ method: 'GET', url: '/oauth2/default/v1/userinfo', headers })
    expect(response.headers['access-control-allow-origin']).toBe('https://app.example')
  })
})

describe('RFC 6750 §3 a request that is refused', () => {
  test('without a token is told which kind is wanted, and no error', async () => {
    const response = await house.app.inject({ method: 'GET', url: '/oauth2/default/v1/userinfo' })
    expect([response.statusCode, reasonOf(response)]).toEqual([401, 'access_token_missing'])
    expect(response.headers['www-authenticate']).toBe(
      `Bearer authorization_uri="${house.url}/oauth2/default/v1/authorize", realm="${house.url}", scope="openid", resource="/oauth2/default/v1/userinfo"`,
    )
  })

  test('with a token that is none is told invalid_token', async () => {
    const response = await ask('nonsense')
    expect([response.statusCode, reasonOf(response)]).toEqual([401, 'token_malformed'])
    expect(response.headers['www-authenticate']).toContain(
      'error="invalid_token", error_description="The access token is invalid."',
    )
  })

  test('with a token in the address, or in two places, is refused', async () => {
    const url = '/oauth2/default/v1/userinfo'
    const inAddress = await house.app.inject({ method: 'GET', url: `${url}?access_token=x` })
    expect([inAddress.statusCode, reasonOf(inAddress)]).toEqual([400, 'access_token_in_query'])
    const headers = { ...form, authorization: 'Bearer x' }
    const twice = await house.app.inject({ method: 'POST', url, headers, payload: 'access_token=x' })
    expect([twice.statusCode, reasonOf(twice)]).toEqual([400, 'access_token_duplicate'])
  })
})

describe('An access token that does not hold', () => {
  test('because it is an ID token', async () => {
    const { id_token: token } = await tokensOf()
    expect(reasonOf(await ask(token))).toBe('token_type_mismatch')
  })

  test('because another authorization server issued it', async () => {
    const { access_token: ofOrg } = await tokensOf({ base: '/oauth2/v1' })
    expect(reasonOf(await ask(ofOrg))).toBe('token_issuer_mismatch')
    const { access_token: ofDefault } = await tokensOf()
    expect(reasonOf(await ask(ofDefault, { base: '/oauth2/v1' }))).toBe('token_issuer_mismatch')
  })

  test('because another org issued it, also when it claims our issuer', async () => {
    const theirs = await addClient(house, {}, secondOrg)
    const them = await signIn(house, await addUser(house, {}, secondOrg), { org: secondOrg })
    const { access_token: token } = await tokensOf({ host: secondHost }, { client: theirs, browser: them })
    expect((await ask(token, { host: secondHost })).statusCode).toBe(200)
    expect(reasonOf(await ask(token))).toBe('token_issuer_mismatch')
    const [key] = await listSigningKeys(house.db, secondOrg, defaultServerId)
    if (!key) throw new Error('no key')
    const privateKey = await loadPrivateKey(house.db, house.vault, secondOrg, defaultServerId, key.id)
    const claims = claimsIn((await tokensOf()).access_token)
    expect(reasonOf(await ask(await signJwt(claims, { ...key, privateKey })))).toBe('token_key_unknown')
  })

  test('because its key is that of the org’s other server', async () => {
    const claims = claimsIn((await tokensOf()).access_token)
    expect(reasonOf(await ask(await forge(claims, 'org' as ServerId)))).toBe('token_key_unknown')
  })

  test('because a letter of it changed', async () => {
    const { access_token: token } = await tokensOf()
    const [head, body, signature = ''] = token.split('.')
    const flipped = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`
    expect(reasonOf(await ask(`${head}.${body}.${flipped}`))).toBe('token_signature_invalid')
  })

  test('because it has expired, to the second', async () => {
    const { access_token: token } = await tokensOf()
    const { exp, ...claims } = claimsIn(token)
    const now = Math.floor(house.now() / 1000)
    expect((await ask(await forge({ ...claims, exp: now + 60 }))).statusCode).toBe(200)
    expect(reasonOf(await ask(await forge({ ...claims, exp: now })))).toBe('token_expired')
    expect(exp).toBeGreaterThan(now)
  })

  test('because it belongs to another client’s grant', async () => {
    const other = await addClient(house, {})
    const claims = claimsIn((await tokensOf()).access_token)
    expect(reasonOf(await ask(await forge({ ...claims, cid: other.id })))).toBe('token_revoked')
  })

  test('because the scope openid was not granted', async () => {
    const claims = claimsIn((await tokensOf()).access_token)
    const response = await ask(await forge({ ...claims, scp: ['profile'] }))
    expect([response.statusCode, reasonOf(response)]).toEqual([403, 'insufficient_scope'])
    expect(response.headers['www-authenticate']).toContain('error="insufficient_scope"')
  })

  test('because its grant was revoked', async () => {
    const { access_token: token } = await tokensOf()
    await inTransaction(house.db, (tx) => revokeGrantsOfUser(tx, firstOrg, user.id, house.now()))
    expect(reasonOf(await ask(token))).toBe('token_revoked')
  })

  test('because its user was suspended, and holds again with them', async () => {
    const { access_token: token } = await tokensOf()
    const set = (status: 'suspended' | 'active') =>
      inTransaction(house.db, (tx) => setUserStatus(tx, firstOrg, user.id, status, house.now()))
    await set('suspended')
    const refused = await ask(token)
    await set('active')
    expect(reasonOf(refused)).toBe('token_user_not_active')
    expect((await ask(token)).statusCode).toBe(200)
  })

  test('because its client was switched off', async () => {
    const passing = await addClient(house, {})
    const { access_token: token } = await tokensOf({}, { client: passing, browser })
    const off = { ...passing, status: 'inactive' as const }
    await inTransaction(house.db, (tx) => saveClient(tx, firstOrg, off, house.vault, house.now()))
    expect(reasonOf(await ask(token))).toBe('token_client_not_active')
  })
})

describe('A signing key that gives way to the next', () => {
  const kidsOf = async () => {
    const response = await house.app.inject({ method: 'GET', url: '/oauth2/default/v1/keys' })
    expect(response.headers['cache-control']).toContain('max-age=3600')
    expect(response.headers['access-control-allow-origin']).toBe('*')
    return response.json().keys.map(({ kid }: { kid: string }) => kid)
  }
  const kidOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid

  test('was published before it signs, and the old one stays until its last token has expired', async () => {
    const published = await kidsOf()
    expect(published).toHaveLength(2)
    house.pass(2 * day)
    browser = await signIn(house, user)
    const { access_token: before } = await tokensOf()
    await inTransaction(house.db, (tx) =>
      rotateSigningKeys(tx, house.vault, firstOrg, defaultServerId, house.now(), { tokenLifetimeMs: hour }),
    )
    const { access_token: after } = await tokensOf()
    expect(kidOf(after)).not.toBe(kidOf(before))
    expect(published).toContain(kidOf(after))
    expect((await ask(before)).statusCode).toBe(200)
    expect((await ask(after)).statusCode).toBe(200)
    expect(await kidsOf()).toContain(kidOf(before))
    house.pass(hour)
    expect(await kidsOf()).not.toContain(kidOf(before))
  })
})
