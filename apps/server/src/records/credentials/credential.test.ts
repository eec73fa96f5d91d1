import { describe, expect, test } from 'vitest'
import { normalisePasskeyName } from './credential.ts'

describe('The name of a passkey', () => {
  test.each([
    ['  My   laptop ', 'My laptop'],
    ['two\r\nlines', 'two lines'],
    ['re\u202Eversed', 're versed'],
    ['ze\u0301ro', 'z\u00E9ro'],
    ['Clé de sécurité 🔑', 'Clé de sécurité 🔑'],
    ['x'.repeat(100), 'x'.repeat(100)],
  ])('%j is kept as %j', (text, name) => {
    expect(normalisePasskeyName(text)).toBe(name)
  })

  test.each(['', '   ', '\u200B', '\0', 'x'.repeat(101)])('%j is refused', (text) => {
    expect(() => normalisePasskeyName(text)).toThrow(expect.objectContaining({ code: 'passkey_name_invalid' }))
  })
})
