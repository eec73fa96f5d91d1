import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { parseSettings } from './settings.ts'

const schema = z.strictObject({
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  LATCHKEY_KEY: z.string().min(3).optional(),
})

describe('Settings', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-settings-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const parse = (environment: Record<string, string>) =>
    parseSettings(schema, environment, (message) => new Error(message))
  const file = (name: string, text: string) => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }

  test('come from the environment, and what is empty counts as absent', () => {
    expect(parse({ PORT: '9000', LATCHKEY_KEY: '', HOME: '/root' })).toEqual({ PORT: 9000 })
  })

  test('may be in a file each, as container secrets are', () => {
    expect(parse({ LATCHKEY_KEY_FILE: file('key', 'a secret\n') })).toEqual({ PORT: 8080, LATCHKEY_KEY: 'a secret' })
  })

  test('may be in one JSON file, below the environment', () => {
    const config = file('latchkey.json', JSON.stringify({ PORT: 1, LATCHKEY_KEY: 'from the file' }))
    expect(parse({ LATCHKEY_CONFIG: config, PORT: '2' })).toEqual({ PORT: 2, LATCHKEY_KEY: 'from the file' })
  })

  describe('are refused, by name,', () => {
    test('when there is no such setting', () => {
      expect(() => parse({ LATCHKEY_KYE: 'x' })).toThrow('LATCHKEY_KYE is not a setting.')
      expect(() => parse({ LATCHKEY_KYE_FILE: '/x' })).toThrow('LATCHKEY_KYE_FILE is not a setting.')
    })

    test('when there is no such setting in the file', () => {
      const config = file('latchkey.json', JSON.stringify({ PROT: 1 }))
      expect(() => parse({ LATCHKEY_CONFIG: config })).toThrow('PROT is not a setting.')
    })

    test.each([
      [{ PORT: 'eighty' }, /^PORT: /],
      [{ PORT: '65536' }, /^PORT: /],
      [{ LATCHKEY_KEY: 'ab' }, /^LATCHKEY_KEY: /],
    ])('when they cannot be meant: %j', (environment, message) => {
      expect(() => parse(environment)).toThrow(message)
    })

    test('when a file cannot be read, without saying what is in it', () => {
      const missing = join(folder, 'missing')
      expect(() => parse({ LATCHKEY_KEY_FILE: missing })).toThrow(`LATCHKEY_KEY_FILE names ${missing}`)
      expect(() => parse({ LATCHKEY_CONFIG: missing })).toThrow(/^LATCHKEY_CONFIG names /)
      const broken = file('broken.json', '{"LATCHKEY_KEY": "hunter2"')
      expect(() => parse({ LATCHKEY_CONFIG: broken })).toThrow(/not a readable JSON file/)
      expect(() => parse({ LATCHKEY_CONFIG: broken })).not.toThrow(/hunter2/)
    })
  })
})
