import { createHash } from 'node:crypto'
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { minute } from '../../../platform/clock.ts'
import { inTransaction } from '../../../platform/database/index.ts'
import { databases, describeEachDatabase, type TestDatabase } from '../../../platform/database/testing.ts'
import {
  defaultServerId,
  findAuthorizationServer,
  saveAuthorizationServer,
} from '../../../records/authorization-servers/index.ts'
import type { Client } from '../../../records/clients/index.ts'
import { listEvents } from '../../../records/events/index.ts'
import { findGrant, type GrantId, revokeGrant } from '../../../records/grants/index.ts'
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
  pkce,
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
let user: User
let browser: Browser

async function furnish(database: Pick<TestDatabase, 'open'>) {
  house = await openTestHouse(await database.open())
  client = await addClient(house, {})
  user = await addUser(house)
  browser = await signIn(house, user)
}
async function onSqlite() {
  const [sqlite] = databases
  if (!sqlite) throw new Error('no database')
  await furnish(sqlite)
}

const grantOf = async () => {
  const [event] = await listEvents(house.db, firstOrg, { limit: 1, types: ['grant.created'], newestFirst: true })
  return await findGrant(house.db, firstOrg, String(event?.details.grantId) as GrantId)
}
const keysOf = async (base: string) => {
  const response = await house.app.inject({ method: 'GET', url: `${base}/keys` })
  return createLocalJWKSet(response.json())
}

describe('RFC 6749 §5.1 the answer to a code', () => {
  beforeAll(onSqlite)

  test('has the tokens, the scopes and the lifetime, and is kept by nobody', async () => {
    const response = await redeem(house, client, await getCode(house, client, browser))
    expect(response.statusCode).toBe(200)
    expect(response.headers['cache-control']).toBe('no-store')
    expect(response.json()).toEqual({
      token_type: 'Bearer',
      expires_in: 3600,
      access_token: expect.any(String),
      scope: 'openid profile email',
      id_token: expect.any(String),
    })
  })

  test('has an access token with the claims that Okta gives it', async () => {
    const { access_token: token } = (await redeem(house, client, await getCode(house, client, browser))).json()
    const { payload } = await jwtVerify(token, await keysOf('/oauth2/default/v1'))
    expect(payload).toEqual({
      ver: 1,
      jti: expect.stringMatching(/^AT\.[\w-]+$/),
      iss: `${house.url}/oauth2/default`,
      aud: 'api://default',
      iat: expect.any(Number),
      exp: Number(payload.iat) + 3600,
      cid: client.id,
      uid: user.id,
      scp: ['openid', 'profile', 'email'],
      auth_time: Math.floor((browser.session.authentications[0]?.at ?? 0) / 1000),
      sub: user.login,
    })
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'RS256', kid: expect.any(String) })
  })

  test('has an ID token with the profile in it', async () => {
    const tokens = (await redeem(house, client, await getCode(house, client, browser))).json()
    const { payload } = await jwtVerify(tokens.id_token, await keysOf('/oauth2/default/v1'))
    const half = createHash('sha256').update(tokens.access_token).digest().subarray(0, 16).toString('base64url')
    expect(payload).toEqual({
      sub: user.id,
      name: 'Ada Byron',
      given_name: 'Ada',
      family_name: 'Byron',
      preferred_username: user.login,
      updated_at: expect.any(Number),
      email: user.profile.email,
      email_verified: true,
      ver: 1,
      iss: `${house.url}/oauth2/default`,
      aud: client.id,
      iat: expect.any(Number),
      exp: Number(payload.iat) + 3600,
      jti: expect.stringMatching(/^ID\./),
      amr: ['swk', 'mfa'],
      acr: 'phr',
      idp: firstOrg,
      nonce: 'a nonce',
      auth_time: expect.any(Number),
      at_hash: half,
      sid: browser.session.id,
    })
  })

  test('is for the issuer itself when it comes from the org’s own server', async () => {
    const base = '/oauth2/v1'
    const { access_token: token } = (
      await redeem(house, client, await getCode(house, client, browser, { base }), { base })
    ).json()
    const { payload } = await jwtVerify(token, await keysOf(base))
    expect(payload).toMatchObject({ iss: house.url, aud: house.url, sub: user.login, uid: user.id })
  })

  test('has no ID token where openid was not asked for, and no nonce where none was sent', async () => {
    const server = await findAuthorizationServer(house.db, firstOrg, defaultServerId)
    if (!server) throw new Error('no server')
    const scopes = [...server.scopes, { name: 'orders:read' }]
    await inTransaction(house.db, (tx) => saveAuthorizationServer(tx, firstOrg, { ...server, scopes }, house.now()))
    const plain = await redeem(house, client, await getCode(house, client, browser, { scope: 'orders:read' }))
    expect(plain.json()).not.toHaveProperty('id_token')
    const code = await getCode(house, client, browser, { nonce: undefined, scope: 'openid' })
    const { id_token: token } = (await redeem(house, client, code)).json()
    const { payload } = await jwtVerify(token, await keysOf('/oauth2/default/v1'))
    expect(payload).not.toHaveProperty('nonce')
    expect(payload).not.toHaveProperty('name')
  })

  test('carries the claims that the server’s rules add', async () => {
    const server = await findAuthorizationServer(house.db, firstOrg, defaultServerId)
    if (!server) throw new Error('no server')
    const claims = [
      { name: 'tier', token: 'access', value: { kind: 'static', value: 'gold' } },
      { name: 'teams', token: 'id', value: { kind: 'groups', filter: { type: 'regex', value: '.*' } } },
    ] as const
    await inTransaction(house.db, (tx) => saveAuthorizationServer(tx, firstOrg, { ...server, claims }, house.now()))
    const tokens = (await redeem(house, client, await getCode(house, client, browser))).json()
    const keys = await keysOf('/oauth2/default/v1')
    expect((await jwtVerify(tokens.access_token, keys)).payload).toMatchObject({ tier: 'gold' })
    expect((await jwtVerify(tokens.id_token, keys)).payload).toMatchObject({ teams: ['Everyone'] })
  })

  test('ignores a scope that is sent along', async () => {
    const response = await redeem(house, client, await getCode(house, client, browser), { scope: 'openid phone' })
    expect(response.json().scope).toBe('openid profile email')
  })

  test('is recorded in the same moment', async () => {
    await redeem(house, client, await getCode(house, client, browser))
    const [event] = await listEvents(house.db, firstOrg, { limit: 1, types: ['token.issued'], newestFirst: true })
    expect(event).toMatchObject({ outcome: 'SUCCESS', userId: user.id, clientId: client.id })
    expect(JSON.stringify(event)).not.toMatch(/eyJ/)
  })
})

describe('RFC 6749 §4.1.3 a code that does not fit', () => {
  beforeAll(onSqlite)

  const expectRefusal = async (changes: Parameters, reason: string, error = 'invalid_grant') => {
    const response = await redeem(house, client, await getCode(house, client, browser), changes)
    expect([response.statusCode, reasonOf(response), response.json().error]).toEqual([400, reason, error])
    return response.json().error_description
  }

  test('with another redirect URI is refused', async () => {
    const text = "The 'redirect_uri' does not match the redirection URI used in the authorization request."
    expect(await expectRefusal({ redirect_uri: 'https://app.example/other' }, 'redirect_uri_mismatch')).toBe(text)
    await expectRefusal({ redirect_uri: undefined }, 'redirect_uri_mismatch')
  })

  test('without a verifier, or with the wrong one, is refused, and the code is spent', async () => {
    await expectRefusal({ code_verifier: undefined }, 'pkce_verifier_missing')
    const code = await getCode(house, client, browser)
    const wrong = await redeem(house, client, code, { code_verifier: 'x'.repeat(43) })
    expect(reasonOf(wrong)).toBe('pkce_verification_failed')
    expect(wrong.json().error_description).toBe('PKCE verification failed.')
    expect(reasonOf(await redeem(house, client, code))).toBe('code_reused')
  })

  test('with the challenge taken out of the request is refused', async () => {
    const web = await addClient(house, { application_type: 'web', client_secret: 'a long secret', require_pkce: false })
    const none = { code_challenge: undefined, code_challenge_method: undefined }
    const code = await getCode(house, web, browser, none)
    const response = await redeem(house, web, code, { client_secret: 'a long secret' })
    expect([reasonOf(response), response.json().error]).toEqual(['pkce_verifier_unexpected', 'invalid_request'])
  })

  test('of another client is refused, and spent: it has leaked', async () => {
    const other = await addClient(house, {})
    const code = await getCode(house, client, browser)
    expect(reasonOf(await redeem(house, other, code))).toBe('code_client_mismatch')
    expect(reasonOf(await redeem(house, client, code))).toBe('code_reused')
  })

  test('of another authorization server is refused', async () => {
    const code = await getCode(house, client, browser, { base: '/oauth2/v1' })
    expect(reasonOf(await redeem(house, client, code))).toBe('code_server_mismatch')
  })

  test('of another org is unknown there, and still good here', async () => {
    const twin = await addClient(house, { client_id: client.id }, secondOrg)
    const code = await getCode(house, client, browser)
    expect(reasonOf(await redeem(house, twin, code, { host: secondHost }))).toBe('code_unknown')
    expect((await redeem(house, client, code)).statusCode).toBe(200)
  })

  test('after its minute is over is unknown', async () => {
    const code = await getCode(house, client, browser)
    house.pass(minute)
    const response = await redeem(house, client, code)
    expect(reasonOf(response)).toBe('code_unknown')
    expect(response.json().error_description).toBe('The authorization code is invalid or has expired.')
  })

  test('that nobody issued is unknown', async () => {
    expect(reasonOf(await redeem(house, client, 'nothing'))).toBe('code_unknown')
  })

  test('of a user who was suspended meanwhile, or whose grant was revoked, is refused', async () => {
    const code = await getCode(house, client, browser)
    await inTransaction(house.db, (tx) => setUserStatus(tx, firstOrg, user.id, 'suspended', house.now()))
    expect(reasonOf(await redeem(house, client, code))).toBe('user_not_active')
    await inTransaction(house.db, (tx) => setUserStatus(tx, firstOrg, user.id, 'active', house.now()))
    const another = await getCode(house, client, browser)
    const grant = await grantOf()
    await inTransaction(house.db, (tx) => revokeGrant(tx, firstOrg, grant?.id as GrantId, house.now()))
    expect(reasonOf(await redeem(house, client, another))).toBe('grant_revoked')
  })

  test('leaves a trace with the reason and the client', async () => {
    await redeem(house, client, await getCode(house, client, browser), { code_verifier: undefined })
    const [event] = await listEvents(house.db, firstOrg, { limit: 1, types: ['token.refused'], newestFirst: true })
    expect(event).toMatchObject({ outcome: 'FAILURE', reason: 'pkce_verifier_missing', clientId: client.id })
  })
})

describeEachDatabase('RFC 6749 §4.1.2 a code that comes again', (_, database) => {
  beforeAll(() => furnish(database))

  test('ends its grant, and what it gave', async () => {
    const code = await getCode(house, client, browser, { scope: 'openid offline_access' })
    const first = (await redeem(house, client, code)).json()
    expect(reasonOf(await redeem(house, client, code))).toBe('code_reused')
    expect((await grantOf())?.revokedAt).not.toBeNull()
    const refresh = { grant_type: 'refresh_token', refresh_token: first.refresh_token, client_id: client.id }
    expect(reasonOf(await postToken(house, refresh))).toBe('refresh_token_unknown')
    const userinfo = await house.app.inject({
      method: 'GET',
      url: '/oauth2/default/v1/userinfo',
      headers: { authorization: `Bearer ${first.access_token}` },
    })
    expect(reasonOf(userinfo)).toBe('token_revoked')
    const types = ['authorization-code.reused', 'grant.revoked'] as const
    const events = await listEvents(house.db, firstOrg, { limit: 9, types })
    expect(events.map(({ name, reason }) => [name, reason]).toSorted()).toEqual([
      ['authorization-code.reused', 'code_reused'],
      ['grant.revoked', 'code_reused'],
    ])
  })

  test('fifty times at once has one winner', async () => {
    const code = await getCode(house, client, browser)
    const responses = await Promise.all(Array.from({ length: 50 }, () => redeem(house, client, code)))
    expect(responses.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1)
    expect(new Set(responses.filter(({ statusCode }) => statusCode !== 200).map(reasonOf))).toEqual(
      new Set(['code_reused']),
    )
  })
})

describe('RFC 6749 §3.2 a token request', () => {
  beforeAll(onSqlite)

  const post = async (payload: string, headers: Record<string, string> = {}, url = '/oauth2/default/v1/token') =>
    await house.app.inject({ method: 'POST', url, headers: { ...form, ...headers }, payload })

  test.each([
    ['without a grant type', 'client_id=%s', 400, 'grant_type_missing', 'invalid_request'],
    [
      'with one that nobody knows',
      'client_id=%s&grant_type=magic',
      400,
      'grant_type_unsupported',
      'unsupported_grant_type',
    ],
    ['without a code', 'client_id=%s&grant_type=authorization_code', 400, 'parameter_missing', 'invalid_request'],
    ['with a parameter twice', 'client_id=%s&grant_type=a&grant_type=b', 400, 'duplicate_parameter', 'invalid_request'],
    ['from nobody', 'grant_type=authorization_code&code=x', 401, 'credentials_missing', 'invalid_client'],
    [
      'from a client that does not exist',
      'client_id=nobody&grant_type=authorization_code',
      401,
      'client_not_found',
      'invalid_client',
    ],
    ['in broken percent-encoding', 'client_id=%%zz', 400, 'malformed_encoding', 'invalid_request'],
  ])('%s is refused', async (_, payload, status, reason, error) => {
    const response = await post(payload.replace('%s', client.id))
    expect([response.statusCode, reasonOf(response), response.json().error]).toEqual([status, reason, error])
    expect(response.headers['cache-control']).toBe('no-store')
  })

  test('names the grant types that there are, as Okta does', async () => {
    const unsupported = await post(`client_id=${client.id}&grant_type=magic`)
    expect(unsupported.json().error_description).toBe(
      'The authorization grant type is not supported by the authorization server. Configured grant types: [authorization_code, refresh_token, client_credentials].',
    )
    const narrow = await addClient(house, { grant_types: ['authorization_code'] })
    const refused = await post(`client_id=${narrow.id}&grant_type=refresh_token&refresh_token=x`)
    expect([reasonOf(refused), refused.json().error]).toEqual(['grant_type_not_allowed', 'unauthorized_client'])
  })

  test('in JSON, in a query or by GET is refused', async () => {
    const url = '/oauth2/default/v1/token'
    const json = await house.app.inject({ method: 'POST', url, payload: { grant_type: 'authorization_code' } })
    expect([json.statusCode, reasonOf(json)]).toEqual([415, 'unsupported_media_type'])
    expect(reasonOf(await post('grant_type=x', {}, `${url}?client_secret=x`))).toBe('credentials_in_query')
    const get = await house.app.inject({ method: 'GET', url })
    expect([get.statusCode, reasonOf(get), get.headers.allow]).toEqual([405, 'method_not_allowed', 'POST, OPTIONS'])
  })

  test('with a wrong secret in the header is told how to authenticate, and recorded as such', async () => {
    const web = await addClient(house, { application_type: 'web', client_secret: 'a long secret' })
    const authorization = `Basic ${Buffer.from(`${web.id}:wrong`).toString('base64')}`
    const response = await post('grant_type=authorization_code&code=x', { authorization })
    expect([response.statusCode, reasonOf(response)]).toEqual([401, 'client_secret_incorrect'])
    expect(response.headers['www-authenticate']).toMatch(/^Basic realm=/)
    const types = ['client-authentication.refused'] as const
    const [event] = await listEvents(house.db, firstOrg, { limit: 1, types, newestFirst: true })
    expect(event).toMatchObject({ reason: 'client_secret_incorrect', clientId: web.id })
  })

  test('by a client with a secret is answered too', async () => {
    const web = await addClient(house, { application_type: 'web', client_secret: 'a long secret' })
    const code = await getCode(house, web, browser)
    const authorization = `Basic ${Buffer.from(`${web.id}:a+long+secret`).toString('base64')}`
    const redirect = { redirect_uri: web.redirectUris[0], code_verifier: pkce.verifier }
    const response = await postToken(house, { grant_type: 'authorization_code', code, ...redirect }, { authorization })
    expect(response.statusCode).toBe(200)
  })
})

describe('A token request from a page', () => {
  beforeAll(onSqlite)

  const from = async (origin: string) => {
    const parameters = { grant_type: 'authorization_code', code: await getCode(house, client, browser) }
    const rest = { client_id: client.id, redirect_uri: client.redirectUris[0], code_verifier: pkce.verifier }
    return await postToken(house, { ...parameters, ...rest }, { origin })
  }

  test('of the client is answered, and may be read there', async () => {
    const response = await from('https://app.example')
    expect(response.statusCode).toBe(200)
    expect(response.headers['access-control-allow-origin']).toBe('https://app.example')
    expect(response.headers.vary).toBe('Origin')
  })

  test.each(['https://evil.example', 'null', 'https://app.example.evil.example', 'http://app.example'])(
    'of %s is refused, and may not be read there',
    async (origin) => {
      const response = await from(origin)
      expect(reasonOf(response)).toBe('origin_not_allowed')
      expect(response.json().error_description).toBe(
        'Browser requests to the token endpoint must be part of at least one whitelisted redirect_uri.',
      )
      expect(response.headers['access-control-allow-origin']).toBeUndefined()
    },
  )

  test('of another client is refused', async () => {
    await addClient(house, { redirect_uris: ['https://other.example/callback'] })
    expect(reasonOf(await from('https://other.example'))).toBe('origin_not_allowed')
  })

  test('is announced by a preflight', async () => {
    const preflight = (origin: string) =>
      house.app.inject({ method: 'OPTIONS', url: '/oauth2/default/v1/token', headers: { origin } })
    const known = await preflight('https://app.example')
    expect(known.statusCode).toBe(204)
    expect(known.headers['access-control-allow-origin']).toBe('https://app.example')
    expect(known.headers['access-control-allow-headers']).toContain('x-okta-user-agent-extended')
    expect((await preflight('https://evil.example')).headers['access-control-allow-origin']).toBeUndefined()
  })
})
