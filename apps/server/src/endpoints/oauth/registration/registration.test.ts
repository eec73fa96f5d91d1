import { beforeAll, describe, expect, test } from 'vitest'
import { inTransaction } from '../../../platform/database/index.ts'
import { databases } from '../../../platform/database/testing.ts'
import { insertApiToken } from '../../../records/api-tokens/index.ts'
import { type ClientId, findClient } from '../../../records/clients/index.ts'
import { listEvents } from '../../../records/events/index.ts'
import { addRole, setUserStatus } from '../../../records/users/index.ts'
import {
  addUser,
  authorizeQuery,
  firstOrg,
  openTestHouse,
  postToken,
  reasonOf,
  redirectOf,
  secondHost,
  secondOrg,
  signIn,
  type TestHouse,
} from '../testing.ts'

const initial = 'an-initial-access-token-that-is-long-enough'
let house: TestHouse

beforeAll(async () => {
  const [sqlite] = databases
  if (!sqlite) throw new Error('no database')
  house = await openTestHouse(await sqlite.open())
  for (const org of [firstOrg, secondOrg]) {
    const value = org === firstOrg ? initial : `${initial}-of-another-org`
    await inTransaction(house.db, (tx) => insertApiToken(tx, org, { name: 'ci', value }, house.now()))
  }
})

type Asked = { method?: 'GET' | 'POST' | 'PUT' | 'DELETE'; path?: string; body?: object; token?: string; host?: string }

async function ask({ method = 'GET', path = '', body, token, host = 'localhost' }: Asked) {
  return await house.app.inject({
    method,
    url: `/oauth2/v1/clients${path}`,
    headers: { host, ...(token !== undefined && { authorization: token }) },
    ...(body && { payload: body }),
  })
}

const ssws = `SSWS ${initial}`
const bearer = `Bearer ${initial}`
const web = {
  client_name: 'An app',
  redirect_uris: ['https://app.example/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
}

async function register(metadata: object = {}) {
  const response = await ask({ method: 'POST', body: { ...web, ...metadata }, token: ssws })
  return response.json()
}

describe('RFC 7591 §3 a client that is registered', () => {
  test.each([
    ['an API token', ssws],
    ['an initial access token', bearer],
  ])('by %s gets an id, a secret and its metadata', async (_title, token) => {
    const response = await ask({ method: 'POST', body: web, token })
    expect(response.statusCode).toBe(201)
    expect(response.headers['cache-control']).toBe('no-store')
    const answer = response.json()
    expect(answer).toEqual({
      client_id: expect.stringMatching(/^0oa[0-9A-Za-z]{17}$/),
      client_id_issued_at: expect.any(Number),
      client_secret: expect.stringMatching(/^[\w-]{43}$/),
      client_secret_expires_at: 0,
      client_name: 'An app',
      application_type: 'web',
      redirect_uris: ['https://app.example/callback'],
      post_logout_redirect_uris: [],
      response_types: ['code'],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'client_secret_basic',
      registration_client_uri: `${house.url}/oauth2/v1/clients/${answer.client_id}`,
      registration_access_token: expect.stringMatching(/^[\w-]{43}$/),
    })
  })

  test('can sign people in, who are asked first, with or without PKCE', async () => {
    const { client_id: id, client_secret: secret } = await register()
    const client = await findClient(house.db, firstOrg, id)
    if (!client) throw new Error('no client')
    expect(client).toMatchObject({ consent: 'required', requirePkce: false, status: 'active' })
    const browser = await signIn(house, await addUser(house))
    const changes = { code_challenge: undefined, code_challenge_method: undefined, scope: 'openid' }
    const url = `/oauth2/default/v1/authorize?${authorizeQuery(client, changes)}`
    const response = await house.app.inject({ method: 'GET', url, headers: { cookie: browser.cookie } })
    const { code } = redirectOf(response).parameters
    const grant = { grant_type: 'authorization_code', code, redirect_uri: client.redirectUris[0] }
    const tokens = await postToken(house, { ...grant, client_id: id, client_secret: secret })
    expect(tokens.statusCode).toBe(200)
    const asked = await house.app.inject({
      method: 'GET',
      url: `/oauth2/default/v1/authorize?${authorizeQuery(client, { prompt: 'none' })}`,
      headers: { cookie: browser.cookie },
    })
    expect(redirectOf(asked).parameters.error).toBe('consent_required')
  })

  test('decides neither about its id and secret nor about what people are asked', async () => {
    const chosen = { client_id: 'chosen', client_secret: 'chosen', consent: 'trusted', require_pkce: false }
    const answer = await register({ ...chosen, status: 'inactive', unknown_member: 1 })
    expect([answer.client_id, answer.client_secret]).not.toContain('chosen')
    const client = await findClient(house.db, firstOrg, answer.client_id)
    expect(client).toMatchObject({ consent: 'required', status: 'active' })
  })

  test('has no secret where it has no use for one', async () => {
    const answer = await register({ application_type: 'browser' })
    expect(answer.token_endpoint_auth_method).toBe('none')
    expect(answer).not.toHaveProperty('client_secret')
    expect(answer).not.toHaveProperty('client_secret_expires_at')
  })

  test('is recorded with whose token it was', async () => {
    const { client_id: clientId } = await register()
    const [event] = await listEvents(house.db, firstOrg, { limit: 1, newestFirst: true, types: ['client.created'] })
    expect(event).toMatchObject({ clientId, details: { actor: { type: 'api-token', name: 'ci' } } })
  })
})

describe('RFC 7591 §3.2.2 metadata that is refused', () => {
  test.each([
    ['a redirect URI with a fragment', { redirect_uris: ['https://a.example/#x'] }, 'invalid_redirect_uri'],
    ['a redirect URI with a wildcard', { redirect_uris: ['https://*.example/'] }, 'invalid_redirect_uri'],
    ['a script as redirect URI', { redirect_uris: ['javascript:alert(1)'] }, 'invalid_redirect_uri'],
    ['no redirect URI', { redirect_uris: [] }, 'invalid_client_metadata'],
    ['answers without their grant type', { response_types: ['token'] }, 'invalid_client_metadata'],
    ['keys twice', { jwks: { keys: [] }, jwks_uri: 'https://a.example/keys' }, 'invalid_client_metadata'],
    ['an unknown method', { token_endpoint_auth_method: 'tls_client_auth' }, 'invalid_client_metadata'],
  ])('%s', async (_title, metadata, error) => {
    const response = await ask({ method: 'POST', body: { ...web, ...metadata }, token: ssws })
    expect([response.statusCode, response.json().error, reasonOf(response)]).toEqual([400, error, error])
    const [event] = await listEvents(house.db, firstOrg, {
      limit: 1,
      newestFirst: true,
      types: ['client-registration.refused'],
    })
    expect(event).toMatchObject({ outcome: 'FAILURE', reason: error })
  })

  test('a list, and a form', async () => {
    const list = await ask({ method: 'POST', body: [], token: ssws })
    expect([list.statusCode, reasonOf(list)]).toEqual([400, 'invalid_client_metadata'])
    const headers = { authorization: ssws, 'content-type': 'application/x-www-form-urlencoded' }
    const form = await house.app.inject({ method: 'POST', url: '/oauth2/v1/clients', headers, payload: 'a=b' })
    expect(form.statusCode).toBe(415)
  })
})

describe('RFC 7592 a client that keeps its registration', () => {
  const own = (answer: { registration_access_token: string }) => `Bearer ${answer.registration_access_token}`

  test('reads it, without its secret', async () => {
    const answer = await register()
    const { client_secret: _secret, ...rest } = answer
    const response = await ask({ path: `/${answer.client_id}`, token: own(answer) })
    expect([response.statusCode, response.json()]).toEqual([200, rest])
  })

  test('replaces all of it, and keeps its secret', async () => {
    const answer = await register({ client_uri: 'https://app.example' })
    const body = { client_id: answer.client_id, client_secret: answer.client_secret, ...web, client_name: 'Renamed' }
    const response = await ask({ method: 'PUT', path: `/${answer.client_id}`, body, token: own(answer) })
    expect(response.statusCode).toBe(200)
    expect(response.json()).toMatchObject({ client_name: 'Renamed' })
    expect(response.json()).not.toHaveProperty('client_uri')
    expect(response.json()).not.toHaveProperty('client_secret')
    const grant = { grant_type: 'refresh_token', refresh_token: 'x', client_id: answer.client_id }
    const proof = await postToken(house, { ...grant, client_secret: answer.client_secret })
    expect(reasonOf(proof)).toBe('refresh_token_unknown')
  })

  test('gets a secret when it begins to need one, and loses it when it no longer does', async () => {
    const answer = await register({ application_type: 'native', token_endpoint_auth_method: 'none' })
    const put = async (token_endpoint_auth_method: string) => {
      const body = { ...web, application_type: 'native', token_endpoint_auth_method }
      return (await ask({ method: 'PUT', path: `/${answer.client_id}`, body, token: own(answer) })).json()
    }
    const first = (await put('client_secret_post')).client_secret
    expect(first).toMatch(/^[\w-]{43}$/)
    await put('none')
    const second = (await put('client_secret_basic')).client_secret
    expect(second).toMatch(/^[\w-]{43}$/)
    expect(second).not.toBe(first)
  })

  test('removes itself, and is gone with its token', async () => {
    const answer = await register()
    const path = `/${answer.client_id}`
    const response = await ask({ method: 'DELETE', path, token: own(answer) })
    expect([response.statusCode, response.body]).toEqual([204, ''])
    const again = await ask({ path, token: own(answer) })
    expect([again.statusCode, reasonOf(again)]).toEqual([404, 'registration_unknown'])
  })

  test.each([
    ['another client’s id', { client_id: 'other' }, 'registration_client_mismatch'],
    ['a secret of its choice', { client_secret: 'chosen' }, 'registration_secret_mismatch'],
    ['what the server sets', { client_id_issued_at: 1 }, 'registration_member_forbidden'],
    ['no redirect URI', { redirect_uris: [] }, 'invalid_client_metadata'],
  ])('cannot say %s', async (_title, members, reason) => {
    const answer = await register()
    const body = { ...web, ...members }
    const response = await ask({ method: 'PUT', path: `/${answer.client_id}`, body, token: own(answer) })
    expect([response.statusCode, reasonOf(response), response.json().error]).toEqual([
      400,
      reason,
      'invalid_client_metadata',
    ])
  })

  test('keeps to the scopes that it was given, and may give some up', async () => {
    const answer = await register({ scope: 'openid profile' })
    const path = `/${answer.client_id}`
    const scopes = async (scope?: string) => {
      const response = await ask({ method: 'PUT', path, body: { ...web, scope }, token: own(answer) })
      return response.statusCode === 200 ? response.json().scope : reasonOf(response)
    }
    expect(await scopes()).toBe('openid profile')
    expect(await scopes('openid profile email')).toBe('registration_member_forbidden')
    expect(await scopes('openid')).toBe('openid')
    expect(await scopes('openid profile')).toBe('registration_member_forbidden')
    const operators = await ask({ method: 'PUT', path, body: { ...web, scope: 'openid email' }, token: ssws })
    expect(operators.json().scope).toBe('openid email')
  })

  test('cannot make itself one that acts without a person', async () => {
    const answer = await register()
    const body = { ...web, grant_types: [...web.grant_types, 'client_credentials'] }
    const path = `/${answer.client_id}`
    const refused = await ask({ method: 'PUT', path, body, token: own(answer) })
    expect([refused.statusCode, reasonOf(refused)]).toEqual([400, 'registration_member_forbidden'])
    expect((await ask({ method: 'PUT', path, body, token: ssws })).statusCode).toBe(200)
    expect((await ask({ method: 'PUT', path, body, token: own(answer) })).statusCode).toBe(200)
  })

  test('reaches no other client, and registers none', async () => {
    const [answer, other] = [await register(), await register()]
    for (const method of ['GET', 'PUT', 'DELETE'] as const) {
      const path = `/${other.client_id}`
      const response = await ask({ method, path, token: own(answer), ...(method === 'PUT' && { body: web }) })
      expect([response.statusCode, reasonOf(response)]).toEqual([401, 'registration_token_mismatch'])
    }
    expect(reasonOf(await ask({ method: 'POST', body: web, token: own(answer) }))).toBe('registration_token_not_enough')
    expect(reasonOf(await ask({ token: own(answer) }))).toBe('registration_token_not_enough')
    expect(await findClient(house.db, firstOrg, other.client_id as ClientId)).toBeDefined()
  })
})

describe('The list of clients, as Okta has it', () => {
  test('comes in pages, and can be searched by the beginning of the name', async () => {
    const names = ['Zebra one', 'Zebra two', 'Zebra three']
    for (const client_name of names) await register({ client_name })
    const first = await ask({ path: '?q=zebra&limit=2', token: ssws })
    expect(first.json().map((client: { client_name: string }) => client.client_name)).toEqual(names.slice(0, 2))
    expect(first.json()[0]).not.toHaveProperty('client_secret')
    const next = /<([^>]+)>; rel="next"/.exec(String(first.headers.link))?.[1] ?? ''
    expect(next.startsWith(`${house.url}/oauth2/v1/clients?`)).toBe(true)
    const second = await ask({ path: new URL(next).search, token: ssws })
    expect(second.json().map((client: { client_name: string }) => client.client_name)).toEqual(names.slice(2))
    expect(second.headers.link).not.toContain('rel="next"')
  })

  test('refuses a page of nothing', async () => {
    const response = await ask({ path: '?limit=0', token: ssws })
    expect([response.statusCode, response.json().error]).toEqual([400, 'invalid_request'])
  })
})

test('A new secret does not end the one before it, but the one before that', async () => {
  const answer = await register()
  const secrets = [answer.client_secret]
  for (let i = 0; i < 2; i += 1) {
    const path = `/${answer.client_id}/lifecycle/newSecret`
    const response = await ask({ method: 'POST', path, token: ssws })
    expect(response.statusCode).toBe(200)
    secrets.push(response.json().client_secret)
  }
  const grant = { grant_type: 'refresh_token', refresh_token: 'x', client_id: answer.client_id }
  const reasons = []
  for (const client_secret of secrets) reasons.push(reasonOf(await postToken(house, { ...grant, client_secret })))
  expect(reasons).toEqual(['client_secret_incorrect', 'refresh_token_unknown', 'refresh_token_unknown'])
  const bare = await register({ application_type: 'browser' })
  const refused = await ask({ method: 'POST', path: `/${bare.client_id}/lifecycle/newSecret`, token: ssws })
  expect([refused.statusCode, reasonOf(refused)]).toEqual([400, 'registration_secret_unused'])
})

describe('RFC 9700 §4 registration is not open', () => {
  test.each([
    ['nobody', undefined, 401, 'api_token_missing'],
    ['an invented token', 'SSWS invented', 401, 'api_token_invalid'],
    ['an invented bearer token', 'Bearer invented', 401, 'api_token_invalid'],
    ['a password', `Basic ${btoa('a:b')}`, 401, 'api_token_invalid'],
  ])('to %s', async (_title, token, status, reason) => {
    for (const method of ['GET', 'POST'] as const) {
      const asked = { method, ...(token !== undefined && { token }), ...(method === 'POST' && { body: web }) }
      const response = await ask(asked)
      expect([response.statusCode, reasonOf(response), response.json().error]).toEqual([
        status,
        reason,
        'invalid_token',
      ])
    }
  })

  test('to the token of another org', async () => {
    const response = await ask({ method: 'POST', body: web, token: ssws, host: secondHost })
    expect([response.statusCode, reasonOf(response)]).toEqual([401, 'api_token_invalid'])
  })

  test('to a user’s token, but for an active administrator’s', async () => {
    const user = await addUser(house)
    const value = 'the-token-of-a-user-who-is-somebody'
    await inTransaction(house.db, (tx) =>
      insertApiToken(tx, firstOrg, { name: 'mine', value, userId: user.id }, house.now()),
    )
    const outcome = async (scheme: string) => {
      const response = await ask({ method: 'POST', body: web, token: `${scheme} ${value}` })
      return response.statusCode === 201 ? 'accepted' : reasonOf(response)
    }
    expect(await outcome('SSWS')).toBe('permission_missing')
    await inTransaction(house.db, (tx) => addRole(tx, firstOrg, user.id, 'admin', house.now()))
    expect(await outcome('SSWS')).toBe('accepted')
    expect(await outcome('Bearer')).toBe('api_token_invalid')
    await inTransaction(house.db, (tx) => setUserStatus(tx, firstOrg, user.id, 'suspended', house.now()))
    expect(await outcome('SSWS')).toBe('api_token_invalid')
  })
})
