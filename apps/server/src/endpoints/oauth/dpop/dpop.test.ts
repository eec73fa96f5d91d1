import { hash } from 'node:crypto'
import * as jose from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { minute } from '../../../platform/clock.ts'
import { databases } from '../../../platform/database/testing.ts'
import type { Client } from '../../../records/clients/index.ts'
import type { User } from '../../../records/users/index.ts'
import {
  addClient,
  addUser,
  authorizeQuery,
  type Browser,
  encode,
  form,
  getCode,
  openTestHouse,
  type Parameters,
  pkce,
  postToken,
  reasonOf,
  redirectOf,
  signIn,
  type TestHouse,
} from '../testing.ts'

type Pair = jose.GenerateKeyPairResult & { jwk: jose.JWK; jkt: string }

let house: TestHouse
let client: Client
let user: User
let browser: Browser
let own: Pair
let stolen: Pair

beforeAll(async () => {
  const [sqlite] = databases
  if (!sqlite) throw new Error('no database')
  house = await openTestHouse(await sqlite.open())
  client = await addClient(house, {})
  user = await addUser(house)
  browser = await signIn(house, user)
  own = await newPair()
  stolen = await newPair()
})

async function newPair(alg = 'ES256'): Promise<Pair> {
  const pair = await jose.generateKeyPair(alg, { extractable: true })
  const jwk = await jose.exportJWK(pair.publicKey)
  return { ...pair, jwk, jkt: await jose.calculateJwkThumbprint(jwk) }
}

const at = (endpoint: string) => `${house.url}/oauth2/default/v1/${endpoint}`
const seconds = () => Math.floor(house.now() / 1000)

type Making = { pair?: Pair; header?: object; claims?: object }

async function prove({ pair = own, header = {}, claims = {} }: Making = {}): Promise<string> {
  const whole = { jti: crypto.randomUUID(), htm: 'POST', htu: at('token'), iat: seconds(), ...claims }
  const present = Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined))
  const headers = { alg: 'ES256', typ: 'dpop+jwt', jwk: pair.jwk, ...header }
  return await new jose.SignJWT(present).setProtectedHeader(headers).sign(pair.privateKey)
}

/** A nonce, as the token endpoint gives it to whoever comes without one. */
async function nonceOf(): Promise<string> {
  const response = await postToken(
    house,
    { client_id: client.id, grant_type: 'refresh_token', refresh_token: 'x' },
    { dpop: await prove() },
  )
  return String(response.headers['dpop-nonce'])
}

const fresh = async (making: Making = {}) => prove({ ...making, claims: { nonce: await nonceOf(), ...making.claims } })

async function redeemWith(dpop: string | undefined, changes: Parameters = {}, request: Parameters = {}) {
  const code = await getCode(house, client, browser, { scope: 'openid offline_access', ...request })
  const grant = { grant_type: 'authorization_code', code, client_id: client.id, redirect_uri: client.redirectUris[0] }
  const whole = { ...grant, code_verifier: pkce.verifier, ...changes }
  return await postToken(house, whole, dpop === undefined ? {} : { dpop })
}

async function userinfo(scheme: string, token: string, dpop?: string) {
  const headers = { authorization: `${scheme} ${token}`, ...(dpop !== undefined && { dpop }) }
  return await house.app.inject({ method: 'GET', url: '/oauth2/default/v1/userinfo', headers })
}

const proveAccess = (token: string, making: Making = {}) => {
  const claims = { htm: 'GET', htu: at('userinfo'), ath: hash('sha256', token, 'base64url'), ...making.claims }
  return prove({ ...making, claims })
}

const claimsIn = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())

describe('RFC 9449 §5 tokens that are bound to a key', () => {
  test('say so, and name its thumbprint', async () => {
    const response = await redeemWith(await fresh())
    expect(response.statusCode).toBe(200)
    expect(response.headers['dpop-nonce']).toMatch(/^[\w-]{43}$/)
    const { token_type: type, access_token: token, id_token: id } = response.json()
    expect(type).toBe('DPoP')
    expect(claimsIn(token).cnf).toEqual({ jkt: own.jkt })
    expect(claimsIn(id)).not.toHaveProperty('cnf')
  })

  test.each(['RS256', 'PS256', 'EdDSA', 'ES384'])('may be bound to a key of %s', async (alg) => {
    const pair = await newPair(alg)
    const response = await redeemWith(await fresh({ pair, header: { alg } }))
    expect([response.statusCode, claimsIn(response.json().access_token).cnf]).toEqual([200, { jkt: pair.jkt }])
  })

  test('are told by introspection', async () => {
    const { access_token: token } = (await redeemWith(await fresh())).json()
    const payload = encode({ token, client_id: client.id })
    const url = '/oauth2/default/v1/introspect'
    const answer = (await house.app.inject({ method: 'POST', url, headers: form, payload })).json()
    expect(answer).toMatchObject({ active: true, token_type: 'DPoP', cnf: { jkt: own.jkt } })
  })

  test('are refreshed by the same key alone, also after a rotation', async () => {
    let { refresh_token: token } = (await redeemWith(await fresh())).json()
    const refresh = async (dpop?: string) =>
      postToken(
        house,
        { grant_type: 'refresh_token', refresh_token: token, client_id: client.id },
        dpop === undefined ? {} : { dpop },
      )
    for (let i = 0; i < 2; i += 1) {
      for (const proof of [undefined, await fresh({ pair: stolen })]) {
        const refused = await refresh(proof)
        expect([refused.statusCode, reasonOf(refused), refused.json().error]).toEqual([
          400,
          'refresh_key_mismatch',
          'invalid_dpop_proof',
        ])
      }
      const response = await refresh(await fresh())
      expect(response.json().token_type).toBe('DPoP')
      token = response.json().refresh_token
    }
  })
})

describe('RFC 9449 §8 the nonce', () => {
  test('is asked for, without spending the code', async () => {
    const code = await getCode(house, client, browser)
    const grant = { grant_type: 'authorization_code', code, client_id: client.id, redirect_uri: client.redirectUris[0] }
    const redeem = (dpop: string) => postToken(house, { ...grant, code_verifier: pkce.verifier }, { dpop })
    const first = await redeem(await prove())
    expect([first.statusCode, reasonOf(first)]).toEqual([400, 'dpop_nonce_required'])
    expect(first.json()).toEqual({
      error: 'use_dpop_nonce',
      error_description: 'Authorization server requires nonce in DPoP proof.',
    })
    const nonce = String(first.headers['dpop-nonce'])
    expect((await redeem(await prove({ claims: { nonce } }))).statusCode).toBe(200)
  })

  test('lives for five minutes at least and ten at most, and is no other server’s', async () => {
    const nonce = await nonceOf()
    house.pass(5 * minute)
    expect((await redeemWith(await prove({ claims: { nonce } }))).statusCode).toBe(200)
    house.pass(5 * minute)
    expect(reasonOf(await redeemWith(await prove({ claims: { nonce } })))).toBe('dpop_nonce_required')
    expect(reasonOf(await redeemWith(await prove({ claims: { nonce: 'invented' } })))).toBe('dpop_nonce_required')
  })
})

describe('RFC 9449 §4.3 a proof that does not count', () => {
  test.each<[string, string, (nonce: string) => Promise<string>]>([
    ['no JWT', 'dpop_proof_malformed', async () => 'nonsense'],
    ['two of them', 'dpop_proof_repeated', async (nonce) => `${await prove({ claims: { nonce } })}, ${await prove()}`],
    ['another type', 'dpop_type', (nonce) => prove({ header: { typ: 'JWT' }, claims: { nonce } })],
    [
      'no signature',
      'dpop_algorithm',
      async (nonce) => {
        const head = jose.base64url.encode(JSON.stringify({ alg: 'none', typ: 'dpop+jwt', jwk: own.jwk }))
        return `${head}.${(await prove({ claims: { nonce } })).split('.')[1]}.`
      },
    ],
    [
      'a shared secret',
      'dpop_algorithm',
      async (nonce) => {
        const jwk = { kty: 'oct', k: 'c2VjcmV0' }
        const head = jose.base64url.encode(JSON.stringify({ alg: 'HS256', typ: 'dpop+jwt', jwk }))
        return `${head}.${(await prove({ claims: { nonce } })).split('.')[1]}.c2ln`
      },
    ],
    ['no key', 'dpop_key_invalid', (nonce) => prove({ header: { jwk: undefined }, claims: { nonce } })],
    [
      'a private key',
      'dpop_key_invalid',
      async (nonce) => prove({ header: { jwk: await jose.exportJWK(own.privateKey) }, claims: { nonce } }),
    ],
    ['another’s key', 'dpop_signature', (nonce) => prove({ header: { jwk: stolen.jwk }, claims: { nonce } })],
    ['another method', 'dpop_method', (nonce) => prove({ claims: { htm: 'GET', nonce } })],
    ['another endpoint', 'dpop_address', (nonce) => prove({ claims: { htu: at('userinfo'), nonce } })],
    [
      'another host',
      'dpop_address',
      (nonce) => prove({ claims: { htu: 'https://evil.example/oauth2/default/v1/token', nonce } }),
    ],
    ['the future', 'dpop_early', (nonce) => prove({ claims: { iat: seconds() + 40, nonce } })],
    ['the past', 'dpop_late', (nonce) => prove({ claims: { iat: seconds() - 340, nonce } })],
    ['an end that has come', 'dpop_expired', (nonce) => prove({ claims: { exp: seconds() - 40, nonce } })],
    ['no id', 'dpop_proof_malformed', (nonce) => prove({ claims: { jti: undefined, nonce } })],
    ['no time', 'dpop_proof_malformed', (nonce) => prove({ claims: { iat: undefined, nonce } })],
  ])('%s: %s', async (_title, reason, making) => {
    const response = await redeemWith(await making(await nonceOf()))
    expect([response.statusCode, reasonOf(response)]).toEqual([400, reason])
    expect(response.json().error).toBe('invalid_dpop_proof')
  })

  test('a query and a fragment of the address are not looked at', async () => {
    expect((await redeemWith(await fresh({ claims: { htu: `${at('token')}?a=b#c` } }))).statusCode).toBe(200)
  })

  test('one that comes again, of fifty at once one counts', async () => {
    const dpop = await fresh()
    const grant = { grant_type: 'refresh_token', refresh_token: 'x', client_id: client.id }
    const answers = await Promise.all(Array.from({ length: 50 }, () => postToken(house, grant, { dpop })))
    const reasons = answers.map(reasonOf)
    expect(reasons.filter((reason) => reason === 'refresh_token_unknown')).toHaveLength(1)
    expect(new Set(reasons)).toEqual(new Set(['refresh_token_unknown', 'dpop_proof_replayed']))
  })
})

describe('RFC 9449 §10 a code that is bound to a key', () => {
  test('is redeemed by that key', async () => {
    const response = await redeemWith(await fresh(), {}, { dpop_jkt: own.jkt })
    expect([response.statusCode, response.json().token_type]).toEqual([200, 'DPoP'])
  })

  test.each<[string, () => Promise<string | undefined>]>([
    ['another key', () => fresh({ pair: stolen })],
    ['no key', async () => undefined],
  ])('is spent by %s', async (_title, proof) => {
    const response = await redeemWith(await proof(), {}, { dpop_jkt: own.jkt })
    expect([response.statusCode, reasonOf(response), response.json().error]).toEqual([
      400,
      'code_key_mismatch',
      'invalid_dpop_proof',
    ])
  })

  test('names the key by a thumbprint, or is refused', async () => {
    const url = `/oauth2/default/v1/authorize?${authorizeQuery(client, { dpop_jkt: 'short' })}`
    const response = await house.app.inject({ method: 'GET', url, headers: { cookie: browser.cookie } })
    expect([reasonOf(response), redirectOf(response).parameters.error]).toEqual([
      'dpop_jkt_malformed',
      'invalid_request',
    ])
  })

  test('may be bound by a proof at the pushed request', async () => {
    const push = async (changes: Parameters = {}) =>
      house.app.inject({
        method: 'POST',
        url: '/oauth2/default/v1/par',
        headers: { ...form, dpop: await fresh({ claims: { htu: at('par') } }) },
        payload: authorizeQuery(client, changes),
      })
    const { request_uri: uri } = (await push()).json()
    const url = `/oauth2/default/v1/authorize?${encode({ client_id: client.id, request_uri: uri })}`
    const come = await house.app.inject({ method: 'GET', url, headers: { cookie: browser.cookie } })
    const { code } = redirectOf(come).parameters
    const response = await redeemWith(await fresh({ pair: stolen }), { code })
    expect(reasonOf(response)).toBe('code_key_mismatch')
    expect(reasonOf(await push({ dpop_jkt: stolen.jkt }))).toBe('dpop_key_mismatch')
    expect((await push({ dpop_jkt: own.jkt })).statusCode).toBe(201)
  })
})

describe('RFC 9449 §7 what a bound token opens', () => {
  const boundToken = async () => (await redeemWith(await fresh())).json().access_token

  test('is opened with a proof by its key', async () => {
    const token = await boundToken()
    const response = await userinfo('DPoP', token, await proveAccess(token))
    expect([response.statusCode, response.json().sub]).toEqual([200, user.id])
  })

  test.each<[string, string, (token: string) => Promise<[string, string | undefined]>]>([
    ['as a bearer token', 'dpop_scheme_required', async () => ['Bearer', undefined]],
    ['as a bearer token with a proof', 'dpop_scheme_required', async (token) => ['Bearer', await proveAccess(token)]],
    ['without a proof', 'dpop_proof_missing', async () => ['DPoP', undefined]],
    ['with another key', 'dpop_key_mismatch', async (token) => ['DPoP', await proveAccess(token, { pair: stolen })]],
    ['with the proof of another token', 'dpop_token_hash', async () => ['DPoP', await proveAccess('another')]],
    [
      'with a proof of no token',
      'dpop_token_hash',
      async (token) => ['DPoP', await proveAccess(token, { claims: { ath: undefined } })],
    ],
    ['with the proof of a token request', 'dpop_method', async () => ['DPoP', await fresh()]],
  ])('stays closed %s', async (_title, reason, showing) => {
    const token = await boundToken()
    const [scheme, proof] = await showing(token)
    const response = await userinfo(scheme, token, proof)
    expect([response.statusCode, reasonOf(response)]).toEqual([401, reason])
    expect(response.headers['www-authenticate']).toMatch(
      /^DPoP algs="RS256 .*error="(invalid_dpop_proof|invalid_token)"/,
    )
  })

  test('stays closed to a proof that was used', async () => {
    const token = await boundToken()
    const proof = await proveAccess(token)
    expect((await userinfo('DPoP', token, proof)).statusCode).toBe(200)
    expect(reasonOf(await userinfo('DPoP', token, proof))).toBe('dpop_proof_replayed')
  })

  test('and an unbound token cannot pass for a bound one', async () => {
    const { access_token: token } = (await redeemWith(undefined)).json()
    expect((await userinfo('Bearer', token)).statusCode).toBe(200)
    const response = await userinfo('DPoP', token, await proveAccess(token))
    expect([response.statusCode, reasonOf(response)]).toEqual([401, 'dpop_token_unbound'])
  })
})
