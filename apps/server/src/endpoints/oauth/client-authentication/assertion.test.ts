import { createHmac, createSign, generateKeyPairSync } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import * as jose from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hour, minute } from '../../../platform/clock.ts'
import { inTransaction } from '../../../platform/database/index.ts'
import { databases } from '../../../platform/database/testing.ts'
import {
  defaultServerId,
  findAuthorizationServer,
  saveAuthorizationServer,
} from '../../../records/authorization-servers/index.ts'
import { type Client, saveClient } from '../../../records/clients/index.ts'
import { listEvents } from '../../../records/events/index.ts'
import { addClient, firstOrg, openTestHouse, type Parameters, postToken, reasonOf, type TestHouse } from '../testing.ts'

const secret = 'a secret of more than thirty-two bytes, as HS256 wants'
const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
let house: TestHouse
let pair: jose.GenerateKeyPairResult
let jwk: jose.JWK
let signer: Client
let sharer: Client

beforeAll(async () => {
  const [sqlite] = databases
  if (!sqlite) throw new Error('no database')
  house = await openTestHouse(await sqlite.open())
  const server = await findAuthorizationServer(house.db, firstOrg, defaultServerId)
  if (!server) throw new Error('no server')
  const scopes = [...server.scopes, { name: 'things', isDefault: true }]
  await inTransaction(house.db, (tx) => saveAuthorizationServer(tx, firstOrg, { ...server, scopes }, house.now()))
  pair = await jose.generateKeyPair('RS256', { extractable: true })
  jwk = await publicJwk(pair, 'one')
  signer = await addService({ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } })
  sharer = await addService({ token_endpoint_auth_method: 'client_secret_jwt', client_secret: secret })
})

async function publicJwk({ publicKey }: jose.GenerateKeyPairResult, kid: string, more: object = {}) {
  return { ...(await jose.exportJWK(publicKey)), kid, ...more }
}

const addService = (metadata: object) =>
  addClient(house, {
    application_type: 'service',
    redirect_uris: [],
    grant_types: ['client_credentials'],
    ...metadata,
  })

type Making = {
  client?: Client
  key?: jose.CryptoKey | Uint8Array
  header?: object
  claims?: Record<string, unknown>
}

const seconds = () => Math.floor(house.now() / 1000)

async function make({ client = signer, key = pair.privateKey, header = {}, claims = {} }: Making = {}) {
  const whole = {
    iss: client.id,
    sub: client.id,
    aud: `${house.url}/oauth2/default/v1/token`,
    iat: seconds(),
    exp: seconds() + 300,
    jti: crypto.randomUUID(),
    ...claims,
  }
  const present = Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined))
  return await new jose.SignJWT(present).setProtectedHeader(headerOf(header)).sign(key)
}

function headerOf(changes: object): jose.JWTHeaderParameters {
  const whole = { alg: 'RS256', kid: 'one', ...changes }
  return whole.kid === undefined ? { alg: whole.alg } : whole
}

const makeShared = (making: Making = {}) =>
  make({ client: sharer, key: Buffer.from(secret), ...making, header: { alg: 'HS256', ...making.header } })

const send = (client_assertion: string, changes: Parameters = {}) =>
  postToken(house, { grant_type: 'client_credentials', client_assertion, client_assertion_type: type, ...changes })

async function outcomeOf(assertion: string, changes: Parameters = {}) {
  const response = await send(assertion, changes)
  return response.statusCode === 200 ? 'accepted' : reasonOf(response)
}

describe('RFC 7523 §2.2 a client that signs', () => {
  test.each([
    ['for the token endpoint', () => make()],
    ['for the issuer', () => make({ claims: { aud: `${house.url}/oauth2/default` } })],
    [
      'for both, in a list',
      async () => {
        const issuer = `${house.url}/oauth2/default`
        return await make({ claims: { aud: [issuer, `${issuer}/v1/token`] } })
      },
    ],
    ['without naming its key', () => make({ header: { kid: undefined } })],
    [
      'by PSS',
      async () => {
        const key = await jose.importJWK({ ...(await jose.exportJWK(pair.privateKey)), alg: 'PS256' }, 'PS256')
        return await make({ header: { alg: 'PS256' }, key })
      },
    ],
    ['with a type that says what for', () => make({ header: { typ: 'client-authentication+jwt' } })],
    ['with a secret', () => makeShared()],
    ['with a secret and a longer hash', () => makeShared({ header: { alg: 'HS512' } })],
    ['without iat', () => make({ claims: { iat: undefined } })],
  ])('is accepted %s', async (_title, making) => {
    const response = await send(await making())
    expect([response.statusCode, reasonOf(response)]).toEqual([200, undefined])
    expect(response.json()).toMatchObject({ token_type: 'Bearer', scope: 'things' })
  })

  test('is accepted with its name beside the assertion, and refused with another', async () => {
    expect(await outcomeOf(await make(), { client_id: signer.id })).toBe('accepted')
    expect(await outcomeOf(await make(), { client_id: sharer.id })).toBe('multiple_credentials')
  })

  test.each(['ES256', 'ES384', 'EdDSA'])('may sign by %s', async (alg) => {
    const own = await jose.generateKeyPair(alg)
    const client = await addService({
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [jwk, await publicJwk(own, 'own', { use: 'sig', alg })] },
    })
    expect(await outcomeOf(await make({ client, key: own.privateKey, header: { alg, kid: 'own' } }))).toBe('accepted')
  })

  test('may change its secret: both sign', async () => {
    const other = 'another secret of more than thirty-two bytes'
    const client = await addService({ token_endpoint_auth_method: 'client_secret_jwt', client_secret: secret })
    const input = { ...client, secrets: [other, secret] }
    await inTransaction(house.db, (tx) => saveClient(tx, firstOrg, input, house.vault, house.now()))
    expect(await outcomeOf(await makeShared({ client }))).toBe('accepted')
    expect(await outcomeOf(await makeShared({ client, key: Buffer.from(other) }))).toBe('accepted')
  })

  test('may look into its tokens with an assertion for that endpoint', async () => {
    const url = '/oauth2/default/v1/introspect'
    const client_assertion = await make({ claims: { aud: `${house.url}${url}` } })
    const payload = new URLSearchParams({ token: 'x', client_assertion, client_assertion_type: type }).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const response = await house.app.inject({ method: 'POST', url, headers, payload })
    expect([response.statusCode, response.json()]).toEqual([200, { active: false }])
  })
})

describe('RFC 7523 §3 an assertion that does not count', () => {
  test.each<[string, string, () => Promise<string>]>([
    ['for another server', 'client_assertion_audience', () => make({ claims: { aud: 'https://other.example/token' } })],
    [
      'for us and another server',
      'client_assertion_audience',
      () => make({ claims: { aud: [`${house.url}/oauth2/default`, 'https://other.example'] } }),
    ],
    ['for the org’s server', 'client_assertion_audience', () => make({ claims: { aud: house.url } })],
    [
      'for another endpoint',
      'client_assertion_audience',
      () => make({ claims: { aud: `${house.url}/oauth2/default/v1/introspect` } }),
    ],
    ['for nobody', 'client_assertion_audience', () => make({ claims: { aud: [] } })],
    ['for an audience that is left out', 'client_assertion_malformed', () => make({ claims: { aud: undefined } })],
    ['by another issuer', 'client_assertion_issuer', () => make({ claims: { iss: 'somebody' } })],
    ['about a client that nobody knows', 'client_not_found', () => make({ claims: { sub: 'nobody' } })],
    ['about nobody', 'client_assertion_malformed', () => make({ claims: { sub: undefined } })],
    ['without an end', 'client_assertion_malformed', () => make({ claims: { exp: undefined } })],
    ['that has ended, beyond 30 seconds', 'client_assertion_expired', () => make({ claims: { exp: seconds() - 31 } })],
    ['that ended within 30 seconds', 'accepted', () => make({ claims: { exp: seconds() - 25 } })],
    [
      'that lives longer than an hour',
      'client_assertion_too_long',
      () => make({ claims: { exp: seconds() + hour / 1000 + 40 } }),
    ],
    ['of the future', 'client_assertion_early', () => make({ claims: { iat: seconds() + 40 } })],
    ['not to be used yet', 'client_assertion_early', () => make({ claims: { nbf: seconds() + 40 } })],
    ['of a clock that is a little ahead', 'accepted', () => make({ claims: { iat: seconds() + 20 } })],
    ['made for another purpose', 'client_assertion_malformed', () => make({ header: { typ: 'dpop+jwt' } })],
    ['that is none', 'client_assertion_malformed', async () => 'e30.e30.c2ln'],
    ['that is no JWT', 'client_assertion_malformed', async () => 'nonsense'],
  ])('%s: %s', async (_title, outcome, making) => {
    expect(await outcomeOf(await making())).toBe(outcome)
  })

  test('of another type is an invalid request', async () => {
    const response = await send(await make(), { client_assertion_type: 'saml' })
    expect([response.statusCode, reasonOf(response), response.json().error]).toEqual([
      400,
      'client_assertion_type_invalid',
      'invalid_request',
    ])
    const untyped = await send(await make(), { client_assertion_type: undefined })
    expect(reasonOf(untyped)).toBe('client_assertion_type_invalid')
  })

  test('beside a secret is one credential too many', async () => {
    const client = { client_id: signer.id, client_secret: 'x' }
    expect(await outcomeOf(await make(), client)).toBe('multiple_credentials')
  })
})

describe('RFC 8725 §2, §3 tricks with the signature', () => {
  const none = async () => `${jose.base64url.encode('{"alg":"none"}')}.${(await make()).split('.')[1]}.`

  test.each<[string, string, () => Promise<string>]>([
    ['no signature', 'client_assertion_algorithm', none],
    [
      'the algorithm of no signature, in other letters',
      'client_assertion_algorithm',
      async () => (await none()).replace(/^[^.]+/, jose.base64url.encode('{"alg":"NoNe"}')),
    ],
    [
      'an algorithm by the name of a property',
      'client_assertion_algorithm',
      async () => (await none()).replace(/^[^.]+/, jose.base64url.encode('{"alg":"constructor"}')),
    ],
    [
      'the public key as a secret',
      'client_method_mismatch',
      async () => {
        const pem = await jose.exportSPKI(pair.publicKey)
        return await make({ header: { alg: 'HS256' }, key: Buffer.from(pem) })
      },
    ],
    [
      'a key that came along',
      'client_assertion_key_embedded',
      async () => {
        const own = await jose.generateKeyPair('RS256')
        const embedded = { jwk: await publicJwk(own, 'one'), kid: 'one' }
        return await make({ key: own.privateKey, header: embedded })
      },
    ],
    [
      'a key somewhere else',
      'client_assertion_key_embedded',
      async () => {
        const own = await jose.generateKeyPair('RS256')
        return await make({ key: own.privateKey, header: { jku: 'https://evil.example/keys' } })
      },
    ],
    ['a certificate', 'client_assertion_key_embedded', () => make({ header: { x5c: ['MIIB'] } })],
    ['a key by a path', 'client_assertion_key_unknown', () => make({ header: { kid: '../../dev/null' } })],
    ['a key by a query', 'client_assertion_key_unknown', () => make({ header: { kid: "one' OR '1'='1" } })],
    [
      'a stranger’s key by the client’s name',
      'client_assertion_signature',
      async () => make({ key: (await jose.generateKeyPair('RS256')).privateKey }),
    ],
    [
      'an algorithm that the key is not for',
      'client_assertion_key_unknown',
      async () => {
        const own = await jose.generateKeyPair('ES256')
        return await make({ key: own.privateKey, header: { alg: 'ES256' } })
      },
    ],
    [
      'an extension that must be understood',
      'client_assertion_malformed',
      async () => (await make()).replace(/^[^.]+/, jose.base64url.encode('{"alg":"RS256","kid":"one","crit":["exp"]}')),
    ],
    [
      'claims that were changed',
      'client_assertion_signature',
      async () => {
        const [head, , signature] = (await make()).split('.')
        const [, body] = (await make()).split('.')
        return `${head}.${body}.${signature}`
      },
    ],
    ['a wrong secret', 'client_assertion_signature', () => makeShared({ key: Buffer.from(`${secret}!`) })],
    [
      'a secret’s algorithm cut short',
      'client_assertion_signature',
      async () => {
        const assertion = await makeShared()
        return assertion.slice(0, assertion.lastIndexOf('.') + 5)
      },
    ],
  ])('%s: %s', async (_title, outcome, making) => {
    const assertion = await making()
    expect(await outcomeOf(assertion)).toBe(outcome)
  })

  test('a key that its owner made for encryption, or that is too weak, signs nothing', async () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const weakPublic = weak.publicKey.export({ format: 'jwk' })
    const keys = [
      { ...jwk, use: 'enc' },
      { ...weakPublic, kid: 'weak' },
    ]
    const client = await addService({ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys } })
    expect(await outcomeOf(await make({ client }))).toBe('client_assertion_key_unknown')
    const input = (await make({ client, header: { kid: 'weak' } })).split('.').slice(0, 2).join('.')
    const signature = createSign('sha256').update(input).sign(weak.privateKey).toString('base64url')
    expect(await outcomeOf(`${input}.${signature}`)).toBe('client_assertion_signature')
  })

  test('a secret that is too short to sign with', async () => {
    const client = await addService({ token_endpoint_auth_method: 'client_secret_jwt', client_secret: 'too short' })
    const [head, body] = (await makeShared({ client })).split('.')
    const signature = createHmac('sha256', 'too short').update(`${head}.${body}`).digest('base64url')
    expect(await outcomeOf(`${head}.${body}.${signature}`)).toBe('client_assertion_key_unknown')
  })
})

describe('A client assertion that comes again', () => {
  test('is refused and recorded', async () => {
    const assertion = await make()
    expect(await outcomeOf(assertion)).toBe('accepted')
    const response = await send(assertion)
    expect([response.statusCode, response.json().error, reasonOf(response)]).toEqual([
      401,
      'invalid_client',
      'client_assertion_replayed',
    ])
    const [event] = await listEvents(house.db, firstOrg, {
      limit: 1,
      newestFirst: true,
      types: ['client-authentication.refused'],
    })
    expect(event).toMatchObject({ outcome: 'FAILURE', reason: 'client_assertion_replayed', clientId: signer.id })
  })

  test('fifty times at once is accepted once', async () => {
    const assertion = await make()
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => outcomeOf(assertion)))
    expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(1)
    expect(new Set(outcomes)).toEqual(new Set(['accepted', 'client_assertion_replayed']))
  })

  test('is refused although another signature stands under the same id', async () => {
    const jti = crypto.randomUUID()
    expect(await outcomeOf(await make({ claims: { jti } }))).toBe('accepted')
    expect(await outcomeOf(await make({ claims: { jti, extra: 1 } }))).toBe('client_assertion_replayed')
  })

  test('is refused also without an id', async () => {
    const assertion = await make({ claims: { jti: undefined } })
    expect(await outcomeOf(assertion)).toBe('accepted')
    expect(await outcomeOf(assertion)).toBe('client_assertion_replayed')
  })

  test('does not spend an id before its signature was seen to be right', async () => {
    const jti = crypto.randomUUID()
    const stranger = await jose.generateKeyPair('RS256')
    expect(await outcomeOf(await make({ key: stranger.privateKey, claims: { jti } }))).toBe(
      'client_assertion_signature',
    )
    expect(await outcomeOf(await make({ claims: { jti } }))).toBe('accepted')
  })
})

describe('Keys that a client publishes', () => {
  let server: Server
  let keys: unknown
  let visits = 0
  let status = 200
  let uri = ''
  beforeAll(async () => {
    server = createServer((_request, response) => {
      visits += 1
      response.writeHead(status, { location: '/elsewhere' }).end(JSON.stringify(keys))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    uri = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  })
  afterAll(() => server.close())

  const publish = (path: string) =>
    addService({ token_endpoint_auth_method: 'private_key_jwt', jwks_uri: `${uri}${path}` })

  test('are fetched once, and again for a key that is new', async () => {
    keys = { keys: [jwk] }
    const client = await publish('/rotating')
    visits = 0
    for (let i = 0; i < 3; i += 1) expect(await outcomeOf(await make({ client }))).toBe('accepted')
    expect(visits).toBe(1)

    const next = await jose.generateKeyPair('RS256')
    const signed = { client, key: next.privateKey, header: { kid: 'two' } }
    expect(await outcomeOf(await make(signed))).toBe('client_assertion_key_unknown')
    keys = { keys: [await publicJwk(next, 'two')] }
    house.pass(minute)
    expect(await outcomeOf(await make(signed))).toBe('accepted')
    expect(visits).toBe(2)
    expect(await outcomeOf(await make({ client }))).toBe('client_assertion_key_unknown')
  })

  test('are not asked for at every signature by an invented key', async () => {
    keys = { keys: [jwk] }
    const client = await publish('/calm')
    visits = 0
    for (let i = 0; i < 5; i += 1)
      expect(await outcomeOf(await make({ client, header: { kid: `invented ${i}` } }))).toBe(
        'client_assertion_key_unknown',
      )
    expect(visits).toBe(1)
  })

  test.each([
    ['redirects', 302, { keys: [] }],
    ['is down', 500, { keys: [] }],
    ['publishes something else', 200, { key: [] }],
  ])('are unavailable where the host %s; it is left in peace for a while', async (title, code, document) => {
    const client = await publish(`/${title.replaceAll(' ', '-')}`)
    ;[status, keys, visits] = [code, document, 0]
    const response = await send(await make({ client }))
    expect([response.statusCode, reasonOf(response), response.json().error]).toEqual([
      401,
      'client_keys_unavailable',
      'invalid_client',
    ])
    expect(await outcomeOf(await make({ client }))).toBe('client_keys_unavailable')
    expect(visits).toBe(1)
    ;[status, keys] = [200, { keys: [jwk] }]
    house.pass(minute)
    expect(await outcomeOf(await make({ client }))).toBe('accepted')
  })

  test('are not fetched from networks that only this server can reach', async () => {
    const client = await addService({
      token_endpoint_auth_method: 'private_key_jwt',
      jwks_uri: 'http://169.254.169.254/latest/meta-data',
    })
    expect(await outcomeOf(await make({ client }))).toBe('client_keys_unavailable')
  })
})
