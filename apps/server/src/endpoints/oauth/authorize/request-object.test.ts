import * as jose from 'jose'
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
  reasonOf,
  redirectOf,
  signIn,
  type TestHouse,
} from '../testing.ts'

const secret = 'a secret of more than thirty-two bytes, as HS256 wants'
let house: TestHouse
let pair: jose.GenerateKeyPairResult
let client: Client
let browser: Browser

beforeAll(async () => {
  const [sqlite] = databases
  if (!sqlite) throw new Error('no database')
  house = await openTestHouse(await sqlite.open())
  pair = await jose.generateKeyPair('ES256', { extractable: true })
  client = await addClient(house, { jwks: { keys: [{ ...(await jose.exportJWK(pair.publicKey)), kid: 'one' }] } })
  browser = await signIn(house, await addUser(house))
})

const seconds = () => Math.floor(house.now() / 1000)

type Making = { claims?: object; header?: object; key?: jose.CryptoKey | Uint8Array; by?: Client }

async function make({ claims = {}, header = {}, key = pair.privateKey, by = client }: Making = {}) {
  const asked = Object.fromEntries(new URLSearchParams(authorizeQuery(by, { state: 'signed' })))
  const own = { iss: by.id, aud: `${house.url}/oauth2/default`, exp: seconds() + 300, jti: crypto.randomUUID() }
  const whole = Object.entries({ ...asked, ...own, ...claims }).filter(([, value]) => value !== undefined)
  const { alg, ...more } = { alg: 'ES256', kid: 'one', typ: 'oauth-authz-req+jwt', ...header }
  const headers = { alg, ...Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined)) }
  return await new jose.SignJWT(Object.fromEntries(whole)).setProtectedHeader(headers).sign(key)
}

async function ask(request: string, changes: Parameters = {}) {
  const url = `/oauth2/default/v1/authorize?${encode({ client_id: client.id, request, ...changes })}`
  return await house.app.inject({ method: 'GET', url, headers: { cookie: browser.cookie } })
}

async function outcomeOf(request: string, changes: Parameters = {}) {
  const response = await ask(request, changes)
  return redirectOf(response).parameters.code === undefined ? reasonOf(response) : 'accepted'
}

describe('RFC 9101 a request that its client signed', () => {
  test('is answered as it says, whatever stands beside it (§6.3)', async () => {
    const beside = { state: 'unsigned', redirect_uri: 'https://evil.example', scope: 'openid groups' }
    const { to, parameters } = redirectOf(await ask(await make(), beside))
    expect([to, parameters.state]).toEqual(['https://app.example/callback', 'signed'])
  })

  test.each<[string, () => Promise<string>]>([
    ['without a type', () => make({ header: { typ: undefined } })],
    ['with numbers and objects', () => make({ claims: { max_age: 3600, claims: { id_token: { name: null } } } })],
    ['for several servers', () => make({ claims: { aud: [`${house.url}/oauth2/default`, 'https://b.example'] } })],
  ])('is accepted %s', async (_title, making) => {
    expect(await outcomeOf(await making())).toBe('accepted')
  })

  test('may be signed with a secret', async () => {
    const by = await addClient(house, { application_type: 'web', client_secret: secret })
    const request = await make({ by, key: Buffer.from(secret), header: { alg: 'HS256', kid: undefined } })
    expect(await outcomeOf(request, { client_id: by.id })).toBe('accepted')
  })

  test('may be pushed (RFC 9126 §3)', async () => {
    const payload = encode({ client_id: client.id, request: await make() })
    const response = await house.app.inject({ method: 'POST', url: '/oauth2/default/v1/par', headers: form, payload })
    expect(response.statusCode).toBe(201)
    const url = `/oauth2/default/v1/authorize?${encode({ client_id: client.id, request_uri: response.json().request_uri })}`
    const answer = await house.app.inject({ method: 'GET', url, headers: { cookie: browser.cookie } })
    expect(redirectOf(answer).parameters).toMatchObject({ state: 'signed', code: expect.any(String) })
  })

  test('tells what is wrong with what it asks at its redirect URI', async () => {
    const response = await ask(await make({ claims: { scope: 'nothing' } }))
    expect(redirectOf(response)).toMatchObject({
      to: 'https://app.example/callback',
      parameters: { error: 'invalid_scope', state: 'signed' },
    })
  })
})

describe('RFC 9101 §10 a signed request that is refused, on a page', () => {
  const unsigned = async () => `${jose.base64url.encode('{"alg":"none"}')}.${(await make()).split('.')[1]}.`

  test.each<[string, string, () => Promise<string>]>([
    ['no signature', 'request_object_algorithm', unsigned],
    [
      'a stranger’s signature',
      'request_object_signature',
      async () => make({ key: (await jose.generateKeyPair('ES256')).privateKey }),
    ],
    ['an unknown key', 'request_object_key_unknown', () => make({ header: { kid: 'two' } })],
    [
      'the public key as a secret',
      'request_object_key_unknown',
      async () => make({ header: { alg: 'HS256' }, key: Buffer.from(await jose.exportSPKI(pair.publicKey)) }),
    ],
    [
      'a key that came along',
      'request_object_malformed',
      async () => {
        const own = await jose.generateKeyPair('ES256')
        return await make({ key: own.privateKey, header: { jwk: await jose.exportJWK(own.publicKey) } })
      },
    ],
    ['another client’s', 'request_object_issuer', () => make({ claims: { iss: 'somebody' } })],
    ['another client inside', 'request_object_issuer', () => make({ claims: { client_id: 'somebody' } })],
    ['for another server', 'request_object_audience', () => make({ claims: { aud: 'https://b.example' } })],
    ['for the org’s server', 'request_object_audience', () => make({ claims: { aud: house.url } })],
    ['expired', 'request_object_expired', () => make({ claims: { exp: seconds() - 31 } })],
    ['without an end', 'request_object_malformed', () => make({ claims: { exp: undefined } })],
    ['with an end far away', 'request_object_too_long', () => make({ claims: { exp: seconds() + 4000 } })],
    ['of the future', 'request_object_early', () => make({ claims: { nbf: seconds() + 40 } })],
    ['with another inside', 'request_object_malformed', () => make({ claims: { request: 'e30.e30.' } })],
    ['made for another purpose', 'request_object_malformed', () => make({ header: { typ: 'dpop+jwt' } })],
    ['that is none', 'request_object_malformed', async () => 'nonsense'],
  ])('%s', async (_title, reason, making) => {
    const response = await ask(await making())
    expect([response.statusCode, reasonOf(response), response.headers.location]).toEqual([400, reason, undefined])
  })

  test('that comes again', async () => {
    const request = await make()
    expect(await outcomeOf(request)).toBe('accepted')
    expect(await outcomeOf(request)).toBe('request_object_replayed')
  })

  test('of a client that nobody knows, or that has no key', async () => {
    expect(await outcomeOf(await make(), { client_id: undefined })).toBe('client_unknown')
    const bare = await addClient(house, {})
    expect(await outcomeOf(await make({ by: bare }), { client_id: bare.id })).toBe('request_object_unsupported')
  })

  test('with a redirect URI that is not the client’s', async () => {
    expect(await outcomeOf(await make({ claims: { redirect_uri: 'https://evil.example/' } }))).toBe(
      'redirect_uri_not_registered',
    )
  })
})
