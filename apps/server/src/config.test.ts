import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigError, readConfig } from './config.ts'

const secret = `${'k'.repeat(16)}0123456789abcdef`
const folder = mkdtempSync(join(tmpdir(), 'latchkey-config-'))
const production = { LATCHKEY_URL: 'https://id.example.com', LATCHKEY_SECRET_KEY: secret, LATCHKEY_DATA: folder }

function refusal(run: () => unknown): string {
  try {
    run()
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(ConfigError)
    return thrown instanceof Error ? thrown.message : ''
  }
  throw new Error('nothing was refused')
}

describe('Settings in production', () => {
  test('take what is given and freeze it', () => {
    const config = readConfig('start', { ...production, PORT: '9000', LATCHKEY_TRUSTED_PROXIES: '10.0.0.0/8, ::1' })
    expect(config).toMatchObject({
      mode: 'start',
      url: 'https://id.example.com',
      port: 9000,
      bind: '::',
      database: join(folder, 'latchkey.sqlite'),
      secretKeys: [secret],
      trustedProxies: ['10.0.0.0/8', '::1'],
      logLevel: 'info',
    })
    expect(Object.isFrozen(config)).toBe(true)
  })

  const refusals: [string, Record<string, string | undefined>, RegExp][] = [
    ['a missing address', { LATCHKEY_URL: undefined }, /LATCHKEY_URL is missing\. Set it to/],
    ['plain http on a public host', { LATCHKEY_URL: 'http://id.example.com' }, /needs https.*terminate TLS/],
    ['an address with a path', { LATCHKEY_URL: 'https://example.com/id' }, /LATCHKEY_URL: must be an origin/],
    ['an address that is none', { LATCHKEY_URL: 'id.example.com' }, /^LATCHKEY_URL: /],
    ['a missing secret key', { LATCHKEY_SECRET_KEY: undefined }, /LATCHKEY_SECRET_KEY is missing.*openssl rand/],
    ['a short secret key', { LATCHKEY_SECRET_KEY: 'short' }, /LATCHKEY_SECRET_KEY needs at least 32 characters/],
    ['a short old secret key', { LATCHKEY_SECRET_KEY: `${secret} old` }, /needs at least 32 characters/],
    ['a port that is none', { PORT: '70000' }, /^PORT: /],
    ['a log level that is none', { LATCHKEY_LOG_LEVEL: 'loud' }, /^LATCHKEY_LOG_LEVEL: /],
    ['a proxy that is no address', { LATCHKEY_TRUSTED_PROXIES: 'proxy.internal' }, /TRUSTED_PROXIES: must list/],
    ['a proxy range that is none', { LATCHKEY_TRUSTED_PROXIES: '10.0.0.0/33' }, /TRUSTED_PROXIES: must list/],
    ['a mail address that is not SMTP', { LATCHKEY_SMTP_URL: 'http://mail' }, /SMTP_URL: must be smtp/],
    ['a short metrics token', { LATCHKEY_METRICS_TOKEN: 'short' }, /^LATCHKEY_METRICS_TOKEN: /],
    ['a setting that does not exist', { LATCHKEY_DATABSE: 'x' }, /^LATCHKEY_DATABSE is not a setting\.$/],
  ]
  test.each(refusals)('refuse %s', (_what, change, message) => {
    expect(refusal(() => readConfig('start', { ...production, ...change }))).toMatch(message)
  })

  test('refuse a data folder that cannot be written, and say what to do', () => {
    const file = join(folder, 'a-file')
    writeFileSync(file, '')
    const message = refusal(() => readConfig('start', { ...production, LATCHKEY_DATA: join(file, 'data') }))
    expect(message).toMatch(/cannot be written \(ENOTDIR\).*set LATCHKEY_DATA/)
  })

  test('refuse a data folder that no file system takes, and make one with all that is above it', () => {
    // A file system of Linux alone; elsewhere there is no such folder, and the root takes none from everybody.
    const nowhere = process.platform === 'linux' ? '/proc/latchkey/data' : '/dev/null/data'
    const message = refusal(() => readConfig('start', { ...production, LATCHKEY_DATA: nowhere }))
    expect(message).toMatch(/cannot be written \(\w+\).*set LATCHKEY_DATA/)
    const deep = join(folder, 'one', 'two', 'three')
    expect(readConfig('start', { ...production, LATCHKEY_DATA: deep }).dataDirectory).toBe(deep)
    expect(statSync(deep).mode & 0o777).toBe(0o700)
  })

  test('need no data folder where the database is a server', () => {
    const elsewhere = { LATCHKEY_DATA: '/proc/nowhere', LATCHKEY_DATABASE: 'postgres://localhost/latchkey' }
    expect(readConfig('start', { ...production, ...elsewhere }).database).toBe('postgres://localhost/latchkey')
  })

  test('allow plain http on this machine, where browsers allow passkeys', () => {
    expect(readConfig('start', { ...production, LATCHKEY_URL: 'http://localhost:8080' }).url).toMatch(/^http:/)
  })

  test('keep several secret keys, newest first', () => {
    const keys = readConfig('start', { ...production, LATCHKEY_SECRET_KEY: `${secret}new ${secret}` }).secretKeys
    expect(keys).toEqual([`${secret}new`, secret])
  })
})

describe('Settings from files', () => {
  test('a secret may stand in the file that its _FILE twin names', () => {
    const path = join(folder, 'secret')
    writeFileSync(path, `${secret}\n`)
    const twin = { LATCHKEY_SECRET_KEY: undefined, LATCHKEY_SECRET_KEY_FILE: path }
    expect(readConfig('start', { ...production, ...twin }).secretKeys).toEqual([secret])
  })

  test('a _FILE twin that names no readable file is refused by its name', () => {
    const twin = { LATCHKEY_SMTP_URL_FILE: join(folder, 'absent') }
    expect(refusal(() => readConfig('start', { ...production, ...twin }))).toMatch(/^LATCHKEY_SMTP_URL_FILE names/)
  })

  test('LATCHKEY_CONFIG names a JSON file, over which the environment wins', () => {
    const path = join(folder, 'settings.json')
    writeFileSync(path, JSON.stringify({ PORT: 9001, LATCHKEY_MAIL_FROM: 'Us <us@example.com>' }))
    const config = readConfig('start', { ...production, LATCHKEY_CONFIG: path, PORT: '9002' })
    expect(config).toMatchObject({ port: 9002, mailFrom: 'Us <us@example.com>' })
  })

  test('an unknown setting in the file is refused by its name', () => {
    const path = join(folder, 'typo.json')
    writeFileSync(path, JSON.stringify({ LATCHKEY_PORT: 9001 }))
    const message = refusal(() => readConfig('start', { ...production, LATCHKEY_CONFIG: path }))
    expect(message).toBe('LATCHKEY_PORT is not a setting.')
  })
})

describe('Settings in development', () => {
  test('need nothing, and stand on loopback', () => {
    const data = mkdtempSync(join(tmpdir(), 'latchkey-config-'))
    const config = readConfig('dev', { LATCHKEY_DATA: data })
    expect(config).toMatchObject({ url: 'http://localhost:8080', bind: 'localhost', demoPort: 8081, logLevel: 'warn' })
  })

  test('make a secret key once, for this user only', () => {
    const data = mkdtempSync(join(tmpdir(), 'latchkey-config-'))
    const first = readConfig('dev', { LATCHKEY_DATA: data }).secretKeys
    expect(readConfig('dev', { LATCHKEY_DATA: data }).secretKeys).toEqual(first)
    expect(readFileSync(join(data, 'secret.key'), 'utf8')).toBe(first[0])
    expect(statSync(join(data, 'secret.key')).mode & 0o077).toBe(0)
  })

  test('a command beside the server runs in the mode of the data that it finds', () => {
    const data = mkdtempSync(join(tmpdir(), 'latchkey-config-'))
    expect(refusal(() => readConfig(undefined, { LATCHKEY_DATA: data }))).toMatch(/LATCHKEY_URL is missing/)
    const { secretKeys } = readConfig('dev', { LATCHKEY_DATA: data })
    expect(readConfig(undefined, { LATCHKEY_DATA: data })).toMatchObject({ mode: 'dev', secretKeys })
    expect(readConfig(undefined, { ...production, LATCHKEY_DATA: data }).mode).toBe('start')
  })
})
