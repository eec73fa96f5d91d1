import { calculateJwkThumbprint } from 'jose'
import { describe, expect, test } from 'vitest'
import { newSigningKey } from './generate.ts'
import { currentKey, nextKey, publishedKeys, type SigningAlgorithm, type SigningKey } from './key.ts'
import { keyIdSchema } from './schema.ts'

function key(letter: string, signsFrom: number, signsUntil: number | null = null, expiresAt: number | null = null) {
  const id = keyIdSchema.parse(letter.repeat(43))
  const algorithm: SigningAlgorithm = letter === 'e' ? 'ES256' : 'RS256'
  const publicJwk = { kid: id, alg: algorithm, use: 'sig', kty: 'RSA' } as const
  return { id, serverId: 'default', algorithm, publicJwk, createdAt: 0, signsFrom, signsUntil, expiresAt }
}

describe('The keys of a server', () => {
  const retired = key('a', 0, 100, 150)
  const current = key('b', 100)
  const next = key('c', 200)
  const keys: SigningKey[] = [next, current, retired]

  test.each([
    [0, retired],
    [99, retired],
    [100, current],
    [1000, current],
  ])('at %i are led by the one that has signed for longest and is not retired', (now, expected) => {
    expect(currentKey(keys, now)).toBe(expected)
  })

  test('have a next one that waits even past its time, until the current one is retired', () => {
    expect(nextKey(keys, 1000)).toBe(next)
    expect(currentKey([key('b', 100, 300), next], 299)?.id).toBe(current.id)
    expect(currentKey([key('b', 100, 300), next], 300)).toBe(next)
  })

  test('never sign before their time, though no other is there', () => {
    expect(currentKey([next], 199)).toBeUndefined()
    expect(currentKey([next], 200)).toBe(next)
  })

  test('are published until their last token has expired', () => {
    expect(publishedKeys(keys, 149)).toEqual(keys)
    expect(publishedKeys(keys, 150)).toEqual([next, current])
  })

  test('of another algorithm are not taken for the one asked for', () => {
    const other = key('e', 50)
    expect(currentKey([...keys, other], 120, 'RS256')).toBe(current)
    expect(currentKey([...keys, other], 120, 'ES256')).toBe(other)
    expect(nextKey([...keys, other], 120, 'ES256')).toBeUndefined()
  })
})

describe('A new key', () => {
  test.each<[SigningAlgorithm, object]>([
    ['RS256', { kty: 'RSA', e: 'AQAB' }],
    ['PS256', { kty: 'RSA', e: 'AQAB' }],
    ['ES256', { kty: 'EC', crv: 'P-256' }],
    ['EdDSA', { kty: 'OKP', crv: 'Ed25519' }],
  ])('for %s is shown without its private part, under its RFC 7638 thumbprint', async (algorithm, members) => {
    const { publicJwk } = await newSigningKey(algorithm)
    expect(publicJwk).toMatchObject({ ...members, alg: algorithm, use: 'sig' })
    expect(Object.keys(publicJwk)).not.toEqual(expect.arrayContaining(['d']))
    expect(publicJwk.kid).toBe(await calculateJwkThumbprint(publicJwk))
  })
})
