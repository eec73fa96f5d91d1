import { importJWK, jwtVerify } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import type { GrantId } from '../records/grants/index.ts'
import { newSigningKey, type SigningAlgorithm, type SigningKey } from '../records/keys/index.ts'
import { decodeJwt, type PrivateSigningKey, signJwt, verifySignature } from './jwt.ts'
import { grantIdOfAccessToken, newAccessTokenId, newIdTokenId } from './token-ids.ts'

type Pair = { signing: PrivateSigningKey; published: SigningKey }

async function newPair(algorithm: SigningAlgorithm): Promise<Pair> {
  const { publicJwk, privateKey } = await newSigningKey(algorithm)
  const id = publicJwk.kid
  const times = { createdAt: 0, signsFrom: 0, signsUntil: null, expiresAt: null }
  return { signing: { id, algorithm, privateKey }, published: { id, serverId: 'org', algorithm, publicJwk, ...times } }
}

const codeOf = (work: () => void) => {
  try {
    work()
    return 'accepted'
  } catch (thrown) {
    return Reflect.get(Object(thrown), 'code')
  }
}
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe.each(['RS256', 'PS256', 'ES256', 'EdDSA'] as const)('A token signed with %s', (algorithm) => {
  let pair: Pair
  let token: string
  beforeAll(async () => {
    pair = await newPair(algorithm)
    token = await signJwt({ sub: 'someone' }, pair.signing)
  })

  test('is one for everyone else', async () => {
    const { payload, protectedHeader } = await jwtVerify(token, await importJWK(pair.published.publicJwk, algorithm))
    expect(payload).toEqual({ sub: 'someone' })
    expect(protectedHeader).toEqual({ kid: pair.published.id, alg: algorithm })
  })

  test('is one for us', () => {
    expect(codeOf(() => verifySignature(decodeJwt(token), [pair.published]))).toBe('accepted')
  })

  test('is refused when one letter of it changes', () => {
    const [head = '', , signature = ''] = token.split('.')
    const changed = `${head}.${encode({ sub: 'someone else' })}.${signature}`
    expect(codeOf(() => verifySignature(decodeJwt(changed), [pair.published]))).toBe('token_signature_invalid')
  })
})

describe('RFC 8725 what a header may not do', () => {
  let published: SigningKey
  beforeAll(async () => {
    published = (await newPair('RS256')).published
  })
  const tokenWith = (header: unknown) => `${encode(header)}.${encode({ sub: 'x' })}.c2ln`

  test.each([
    ['alg none', 'none'],
    ['HS256 with the public key as the secret', 'HS256'],
    ['another algorithm of the same key', 'PS256'],
  ])('%s is refused', (_, alg) => {
    const token = tokenWith({ alg, kid: published.id })
    expect(codeOf(() => verifySignature(decodeJwt(token), [published]))).toBe('token_algorithm_mismatch')
  })

  test('a key that nobody published is refused', () => {
    const token = tokenWith({ alg: 'RS256', kid: '../other' })
    expect(codeOf(() => verifySignature(decodeJwt(token), [published]))).toBe('token_key_unknown')
  })

  test.each([
    ['a key of its own', { alg: 'RS256', kid: 'a key', jwk: { kty: 'oct', k: 'c2VjcmV0' } }],
    ['an address of keys', { alg: 'RS256', kid: 'a key', jku: 'https://evil.example/keys' }],
    ['critical members', { alg: 'RS256', kid: 'a key', crit: ['b64'], b64: false }],
    ['no kid', { alg: 'RS256' }],
    ['a list', ['RS256']],
  ])('with %s it is no token of ours', (_, header) => {
    expect(codeOf(() => decodeJwt(tokenWith(header)))).toBe('token_malformed')
  })

  test.each([
    ['nothing', ''],
    ['two parts', 'a.b'],
    ['four parts', 'a.b.c.d'],
    ['padding', `${encode({ alg: 'RS256', kid: 'a' })}=.e30.c2ln`],
    ['JSON that is none', `${encode({ alg: 'RS256', kid: 'a' })}.e3.c2ln`],
    ['a part that ends in bits of no byte', `${encode({ alg: 'RS256', kid: 'a' })}.e31.c2ln`],
    ['more than anyone signs', `${encode({ alg: 'RS256', kid: 'a' })}.${'a'.repeat(20_000)}.c2ln`],
  ])('%s is malformed', (_, text) => {
    expect(codeOf(() => decodeJwt(text))).toBe('token_malformed')
  })
})

describe('The jti of an access token', () => {
  const grant = 'oag0123456789abcdefg' as GrantId

  test('leads to its grant, beside a refresh token too', () => {
    expect(grantIdOfAccessToken(newAccessTokenId(grant))).toBe(grant)
    const beside = newAccessTokenId(grant, 'oarABCDEFGHIJKLMNOPQ')
    expect(beside).toMatch(/^AT\.[\w-]+\.oarABCDEFGHIJKLMNOPQ$/)
    expect(grantIdOfAccessToken(beside)).toBe(grant)
  })

  test('is never the same twice', () => {
    expect(newAccessTokenId(grant)).not.toBe(newAccessTokenId(grant))
  })

  test('cannot be that of an ID token', () => {
    expect(grantIdOfAccessToken(newIdTokenId())).toBeUndefined()
    expect(grantIdOfAccessToken(`ID.${newAccessTokenId(grant).slice(3)}`)).toBeUndefined()
  })
})
