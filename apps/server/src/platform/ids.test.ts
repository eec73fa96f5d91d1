import { describe, expect, test } from 'vitest'
import { hashSecret } from './hash.ts'
import { newDigits, newId, newReadableCode, newSecret } from './ids.ts'

const many = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make)

/** How far the commonest letter is from its share, in standard deviations: above 6 is no chance. */
function skew(text: string, letters: number): number {
  const counts = new Map<string, number>()
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1)
  const share = text.length / letters
  const deviation = Math.sqrt(share * (1 - 1 / letters))
  expect(counts.size).toBe(letters)
  return Math.max(...[...counts.values()].map((count) => Math.abs(count - share) / deviation))
}

describe('Ids', () => {
  test('are a prefix and random base62, twenty characters in all', () => {
    for (const id of many(500, () => newId('00u'))) expect(id).toMatch(/^00u[0-9A-Za-z]{17}$/)
  })

  test('are base64url of fifteen bytes, so that they can be user handles', () => {
    for (const id of many(500, () => newId('00u'))) {
      const bytes = Buffer.from(id, 'base64url')
      expect(bytes.length).toBe(15)
      expect(bytes.toString('base64url')).toBe(id)
    }
  })

  test('do not repeat, and favour no letter', () => {
    const ids = many(20_000, () => newId('evt'))
    expect(new Set(ids).size).toBe(ids.length)
    expect(skew(ids.map((id) => id.slice(3)).join(''), 62)).toBeLessThan(6)
  })
})

describe('Secrets', () => {
  test('have 256 bits unless told otherwise', () => {
    expect(newSecret()).toMatch(/^[\w-]{43}$/)
    expect(Buffer.from(newSecret(16), 'base64url')).toHaveLength(16)
    expect(new Set(many(1_000, () => newSecret())).size).toBe(1_000)
  })

  test('are hashed with SHA-256 for keeping', () => {
    expect(hashSecret('')).toBe('47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU')
    expect(hashSecret('a')).not.toBe(hashSecret('b'))
  })
})

describe('Codes', () => {
  test('by e-mail are digits, each as likely as the others, zeros in front included', () => {
    const codes = many(5_000, () => newDigits(6))
    for (const code of codes) expect(code).toMatch(/^\d{6}$/)
    expect(skew(codes.join(''), 10)).toBeLessThan(6)
    expect(codes.some((code) => code.startsWith('0'))).toBe(true)
  })

  test('to be read aloud leave out letters that look alike', () => {
    const codes = many(2_000, () => newReadableCode(5, 4))
    for (const code of codes) expect(code).toMatch(/^[BCDFGHJ-NP-TV-XZ2-9]{4}(?:-[BCDFGHJ-NP-TV-XZ2-9]{4}){4}$/)
    expect(codes.join('')).not.toMatch(/[AEIOUY01]/)
    expect(skew(codes.join('').replaceAll('-', ''), 28)).toBeLessThan(6)
  })
})
