import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { IntlMessageFormat } from 'intl-messageformat'
import { describe, expect, it } from 'vitest'
import { html, toText } from '../html.ts'
import { en } from './en.ts'
import { translate } from './index.ts'

const room = fileURLToPath(new URL('..', import.meta.url))
const source = readdirSync(room)
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => readFileSync(join(room, name), 'utf8'))
  .join('\n')
const areas = new Set(Object.keys(en).map((key) => key.split('.')[0]))
const used = [...source.matchAll(/'([a-z_]+)\.([a-z_]+)'/g)]
  .filter(([, area, name]) => areas.has(area ?? '') && name !== 'js')
  .map(([, area, name]) => `${area}.${name}`)

describe('The texts', () => {
  it('are all used, and all that are used are there', () => {
    expect([...new Set(used)].sort()).toEqual(Object.keys(en).sort())
  })

  it.each(Object.entries(en))('%s is MessageFormat without straight apostrophes', (_, text) => {
    expect(() => new IntlMessageFormat(text, 'en')).not.toThrow()
    expect(text).not.toContain("'")
  })
})

describe('Words', () => {
  it('fall back to English and say so', () => {
    for (const locale of ['en', 'xx', 'fr-CA', '"><script>', '']) expect(translate(locale).lang).toBe('en')
  })

  it('follow the region in dates, and only within the language', () => {
    const at = Date.UTC(2026, 10, 21)
    expect(translate('en-GB').date(at)).toBe('21 Nov 2026')
    expect(translate('en-US').date(at)).toBe('Nov 21, 2026')
    expect(translate('de-DE').date(at)).toBe('Nov 21, 2026')
  })

  it('fill in values, with and without plurals', () => {
    const { t } = translate('en')
    expect(t('identify.heading', { brand: '<Acme>' })).toBe('Sign in to <Acme>')
    expect(t('remove.remains', { count: 1 })).toBe('You still have one other passkey.')
    expect(t('remove.remains', { count: 3 })).toBe('You still have 3 other passkeys.')
    expect(() => t('identify.heading')).toThrow('brand')
  })

  it('take markup for values, and escape the rest', () => {
    const { rich } = translate('en')
    const parts = rich('code.sent_to', { address: html`<strong>${'<a>'}</strong>`, minutes: 1 })
    expect(toText(html`${parts}`)).toBe('We sent a code to <strong>&lt;a&gt;</strong>. It works once and for 1 minute.')
  })
})
