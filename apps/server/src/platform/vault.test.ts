import { describe, expect, test } from 'vitest'
import { isEqualSecret, openVault } from './vault.ts'

const old = 'the key of last year, which is long enough'
const current = 'the key of this year, which is long enough'
const unreadable = expect.objectContaining({ code: 'ciphertext_unreadable', status: 500 })

describe('The vault', () => {
  test.each([new Uint8Array(), Buffer.from('a secret'), new Uint8Array(5_000).fill(255)])(
    'gives back what it was given',
    (plain) => {
      const vault = openVault([current])
      expect(new Uint8Array(vault.decrypt('a purpose', vault.encrypt('a purpose', plain)))).toEqual(
        new Uint8Array(plain),
      )
    },
  )

  test('never writes the same text twice, nor the secret into it', () => {
    const vault = openVault([current])
    const texts = Array.from({ length: 50 }, () => vault.encrypt('p', Buffer.from('a secret')))
    expect(new Set(texts).size).toBe(50)
    for (const text of texts) expect(text).not.toContain(Buffer.from('a secret').toString('base64url'))
  })

  test('reads nothing in another place than it was written for', () => {
    const vault = openVault([current])
    const text = vault.encrypt('client-secret:org-a:1', Buffer.from('a secret'))
    expect(() => vault.decrypt('client-secret:org-b:1', text)).toThrow(unreadable)
  })

  test('reads nothing that was changed, in any of its parts', () => {
    const vault = openVault([current])
    const parts = vault.encrypt('p', Buffer.from('a secret')).split('.')
    for (const [index, part] of parts.entries()) {
      const changed = part.startsWith('A') ? `B${part.slice(1)}` : `A${part.slice(1)}`
      const text = parts.map((same, at) => (at === index ? changed : same)).join('.')
      expect(() => vault.decrypt('p', text)).toThrow(unreadable)
    }
  })

  test.each(['', 'v1', 'v1.a.b.c', 'v2.a.b.c.d', 'plain text', 'v1.....', '.....'])('reads nothing of "%s"', (text) => {
    expect(() => openVault([current]).decrypt('p', text)).toThrow(unreadable)
  })

  describe('With several keys, newest first', () => {
    test('writes with the newest and reads with all', () => {
      const text = openVault([old]).encrypt('p', Buffer.from('a secret'))
      const both = openVault([current, old])
      expect(both.decrypt('p', text).toString()).toBe('a secret')
      const renewed = both.encrypt('p', Buffer.from('a secret'))
      expect(openVault([current]).decrypt('p', renewed).toString()).toBe('a secret')
    })

    test('reads nothing of a key that is no longer there', () => {
      const text = openVault([old]).encrypt('p', Buffer.from('a secret'))
      expect(() => openVault([current]).decrypt('p', text)).toThrow(unreadable)
    })

    test('keeps digests as they were when a key is added', () => {
      const before = openVault([old]).digest('decoy', 'ada')
      expect(openVault([current, old]).digest('decoy', 'ada')).toBe(before)
      expect(openVault([current]).digest('decoy', 'ada')).not.toBe(before)
    })
  })

  test('digests differ by purpose and by value, and do not run into each other', () => {
    const vault = openVault([current])
    const digests = [vault.digest('a', 'b'), vault.digest('a', 'c'), vault.digest('b', 'b'), vault.digest('ab', '')]
    expect(new Set(digests).size).toBe(4)
    expect(vault.digest('a', 'b')).toBe(digests[0])
    expect(digests[0]).toMatch(/^[\w-]{43}$/)
  })
})

describe('Comparing secrets', () => {
  test.each([
    ['same', 'same', true],
    ['same', 'Same', false],
    ['same', 'same ', false],
    ['', '', true],
    ['é', 'e', false],
  ])('"%s" and "%s"', (a, b, isEqual) => {
    expect(isEqualSecret(a, b)).toBe(isEqual)
  })
})
