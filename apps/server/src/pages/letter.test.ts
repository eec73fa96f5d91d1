import { describe, expect, test } from 'vitest'
import { writeLetter } from './letter.ts'

describe('The words of a mail', () => {
  test.each(['email-code', 'passkey-added', 'passkey-removed', 'passkey-renamed'] as const)(
    '%s names the org',
    (name) => {
      const { subject, text } = writeLetter('en', name, { code: '123456', name: 'Phone', org: 'Acme' })
      expect(`${subject}\n${text}`).toContain('Acme')
      expect(text).not.toMatch(/undefined|\{\w+\}/)
    },
  )

  test('cannot be given lines or headers by a value', () => {
    const values = { name: 'Phone\r\nBcc: all@example.com', org: 'Acme\nX: y' }
    const { subject, text } = writeLetter('en', 'passkey-added', values)
    expect(subject).toBe('A passkey was added to your Acme X: y account')
    expect(text).toContain('"Phone Bcc: all@example.com"')
  })
})
