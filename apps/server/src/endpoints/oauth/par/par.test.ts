import { beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../platform/database/testing.ts'
import type { Client } from '../../../records/clients/index.ts'
import {
  addClient,
  addUser,
  authorizeQuery,
  type Browser,
  encode,
  form,
  openTestHouse,
  type Parameters,
  pkce,
  reasonOf,
  redeem,
  redirectOf,
  signIn,
  type TestHouse,
} from '../testing.ts'

let house: TestHouse
let client: Client
let other: Client
let browser: Browser

beforeAll(async () => {
  const [sqlite] = databases
  if (!sqlite) throw new Error('no database')
  house = await openTestHouse(await sqlite.open())
  client = await addClient(house, {})
  other = await addClient(house, {})
  browser = await signIn(house, await addUser(house))
})

async function push(changes: Parameters = {}, by = client, base = '/oauth2/default/v1') {
  const payload = authorizeQuery(by, changes)
  return await house.app.inject({ method: 'POST', url: `${base}/par`, headers: form, payload })
}

const pushed = async (changes: Parameters = {}) => (await push(changes)).json().request_uri

async function come(request_uri: string, changes: Parameters = {}, base = '/oauth2/default/v1') {
  const query = encode({ client_id: client.id, request_uri, ...changes })
  const headers = { cookie: browser.cookie }
  return await house.app.inject({ method: 'GET', url: `${base}/authorize?${query}`, headers })
}

describe('RFC 9126 §2 a request that its client pushes', () => {
  test('is kept under a name that nobody guesses', async () => {
    const response = await push()
    expect([response.statusCode, response.headers['cache-control']]).toEqual([201, 'no-store'])
    expect(response.json()).toEqual({
      request_uri: expect.stringMatching(/^urn:okta:[\w-]{43}$/),
      expires_in: 3600,
    })
  })

  test('is answered when the browser brings the name', async () => {
    const { to, parameters } = redirectOf(await come(await pushed({ state: 'pushed' })))
    expect(to).toBe('https://app.example/callback')
    expect(parameters).toMatchObject({ state: 'pushed', iss: `${house.url}/oauth2/default` })
    expect((await redeem(house, client, parameters.code ?? '')).statusCode).toBe(200)
  })

  test('counts alone: what the address says beside it is not looked at (§4)', async () => {
    const extra = { state: 'changed', redirect_uri: 'https://evil.example/', scope: 'openid offline_access' }
    const { to, parameters } = redirectOf(await come(await pushed({ state: 'pushed' }), extra))
    expect([to, parameters.state]).toEqual(['https://app.example/callback', 'pushed'])
    expect((await redeem(house, client, parameters.code ?? '')).json().scope).toBe('openid profile email')
  })

  test('does not keep the secret that it came with', async () => {
    const web = await addClient(house, { application_type: 'web', client_secret: 'the secret of a client' })
    const response = await push({ client_secret: 'the secret of a client' }, web)
    expect(response.statusCode).toBe(201)
    const rows = await house.db.selectFrom('token').selectAll().where('kind', '=', 'pushed-request').execute()
    expect(JSON.stringify(rows)).not.toContain('the secret of a client')
    expect(rows.some(({ client_id: id }) => id === web.id)).toBe(true)
  })

  test('works at the org’s own server', async () => {
    const base = '/oauth2/v1'
    const { request_uri: uri } = (await push({}, client, base)).json()
    expect(redirectOf(await come(uri, {}, base)).parameters).toHaveProperty('code')
  })
})

describe('RFC 9126 §2.3 a pushed request that is refused, before any browser sees it', () => {
  test.each<[string, Parameters, number, string, string]>([
    [
      'a strange redirect URI',
      { redirect_uri: 'https://evil.example/' },
      400,
      'redirect_uri_not_registered',
      'invalid_request',
    ],
    [
      'no PKCE',
      { code_challenge: undefined, code_challenge_method: undefined },
      400,
      'pkce_challenge_required',
      'invalid_request',
    ],
    ['an unknown scope', { scope: 'openid nothing' }, 400, 'scope_unknown', 'invalid_scope'],
    ['another pushed request', { request_uri: 'urn:okta:x' }, 400, 'pushed_request_uri', 'invalid_request'],
    ['no client', { client_id: undefined }, 401, 'credentials_missing', 'invalid_client'],
    ['an unknown client', { client_id: 'nobody' }, 401, 'client_not_found', 'invalid_client'],
  ])('%s', async (_title, changes, status, reason, error) => {
    const response = await push(changes)
    expect([response.statusCode, reasonOf(response), response.json().error]).toEqual([status, reason, error])
    expect(response.headers.location).toBeUndefined()
  })

  test('a confidential client without its proof', async () => {
    const web = await addClient(house, { application_type: 'web', client_secret: 'the secret of a client' })
    expect(reasonOf(await push({}, web))).toBe('client_method_mismatch')
  })
})

describe('RFC 9126 §7 a name that is not good', () => {
  const onPage = (response: Awaited<ReturnType<typeof come>>) => [
    response.statusCode,
    reasonOf(response),
    response.headers.location,
  ]

  test('any more: it was used', async () => {
    const uri = await pushed()
    expect(redirectOf(await come(uri)).parameters).toHaveProperty('code')
    expect(onPage(await come(uri))).toEqual([400, 'request_uri_unknown', undefined])
  })

  test('for fifty at once: one gets an answer', async () => {
    const uri = await pushed()
    const answers = await Promise.all(Array.from({ length: 50 }, () => come(uri)))
    expect(answers.filter(({ statusCode }) => statusCode === 303)).toHaveLength(1)
  })

  test('for another client, who cannot spend it for its owner either', async () => {
    const uri = await pushed()
    expect(onPage(await come(uri, { client_id: other.id }))).toEqual([401, 'request_uri_client_mismatch', undefined])
    expect(onPage(await come(uri, { client_id: undefined }))).toEqual([401, 'request_uri_client_mismatch', undefined])
    expect(redirectOf(await come(uri)).parameters).toHaveProperty('code')
  })

  test('at another server', async () => {
    const uri = await pushed()
    expect(onPage(await come(uri, {}, '/oauth2/v1'))).toEqual([400, 'request_uri_server_mismatch', undefined])
    expect(redirectOf(await come(uri)).parameters).toHaveProperty('code')
  })

  test('any more: it has expired', async () => {
    const uri = await pushed()
    house.pass(3_600_001)
    expect(onPage(await come(uri))).toEqual([400, 'request_uri_unknown', undefined])
    browser = await signIn(house, await addUser(house))
  })

  test.each([
    ['invented', 'urn:okta:invented', 'request_uri_unknown'],
    ['an address to be fetched', 'https://169.254.169.254/latest', 'request_uri_unsupported'],
    ['an address to be fetched at the client', 'https://app.example/request.jwt', 'request_uri_unsupported'],
  ])('%s', async (_title, uri, reason) => {
    expect(onPage(await come(uri))).toEqual([400, reason, undefined])
  })

  test('beside a request object, or twice', async () => {
    expect(onPage(await come('urn:okta:x', { request: 'e30.e30.' }))).toEqual([
      400,
      'request_object_and_uri',
      undefined,
    ])
    const url = `/oauth2/default/v1/authorize?client_id=${client.id}&request_uri=a&request_uri=b`
    expect(onPage(await house.app.inject({ method: 'GET', url }))).toEqual([400, 'duplicate_parameter', undefined])
  })
})

test('PKCE of a pushed request protects its code (RFC 9126 §1)', async () => {
  const { code = '' } = redirectOf(await come(await pushed())).parameters
  const response = await redeem(house, client, code, { code_verifier: `${pkce.verifier}x` })
  expect(reasonOf(response)).toBe('pkce_verification_failed')
})
