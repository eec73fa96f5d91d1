import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { issueSetupCode } from '../commands/setup-code.ts'
import { orgServerId } from '../records/authorization-servers/index.ts'
import { currentKey } from '../records/keys/index.ts'
import {
  addPasskeyInBrowser,
  openHouse,
  signInByPasskey,
  snapshot,
  type TestHouse,
  type TestOrg,
} from '../testing/index.ts'
import { newApp, type Tokens } from './testing/app.ts'

const password = 'correct horse battery staple of tests'
const clientSecret = 'a client secret that nobody may read 0123456789'

describe('A secret that was used', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-secrets-'))
  let house: TestHouse
  let org: TestOrg
  /** Every secret that went over the wire or was kept, by what it is. */
  const secrets: Record<string, string> = {}
  let bytesBeforeMail = Buffer.alloc(0)
  const bytesNow = () => Buffer.concat(readdirSync(folder).map((file) => readFileSync(join(folder, file))))

  beforeAll(async () => {
    house = await openHouse({ database: { sqlite: join(folder, 'latchkey.sqlite') }, logLevel: 'debug' })
    house.app.get('/broken', async () => {
      throw new Error('a failure of ours')
    })
    org = await house.ownOrg()
    await walk()
  })
  afterAll(async () => {
    await house?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Walks every journey there is, and notes each secret on the way. */
  async function walk(): Promise<void> {
    const { ground, cache } = house
    secrets.password = password
    secrets['client secret'] = clientSecret
    secrets['set-up code'] = (await issueSetupCode(ground, org.id)) ?? ''
    const app = await newApp(org, {
      applicationType: 'web',
      tokenEndpointAuthMethod: 'client_secret_post',
      secrets: [clientSecret],
    })
    secrets['code verifier'] = app.verifier
    const { email, authenticator } = await org.person({ password })
    const browser = org.browser()
    const keep = (what: string) => {
      for (const [name, value] of browser.cookies) secrets[`${name} cookie ${what}`] = value
      if (browser.at.path.startsWith('/sign-in/')) secrets[`handle ${what}`] = browser.at.path.slice(9)
      if (browser.at.page.csrf) secrets[`CSRF token ${what}`] = browser.at.page.csrf
    }

    await browser.open('/setup')
    await browser.post('/setup', { csrf: browser.at.page.csrf, code: secrets['set-up code'] })
    await browser.open('/sign-in')
    keep('at the start')
    await browser.submit('/identify', { identifier: email })
    await browser.submit('/select', { step: 'password' })
    await browser.submit('/password', { password: `${password} mistyped` })
    await browser.submit('/select', { step: 'code' })
    await browser.submit('/send-code')
    bytesBeforeMail = bytesNow()
    secrets['e-mail code'] = await org.code(email)
    await browser.submit('/code', { code: '99999x' })
    await browser.submit('/code', { code: secrets['e-mail code'] })
    keep('after the code')
    await addPasskeyInBrowser(browser, authenticator)

    const again = org.browser()
    await again.open('/sign-in')
    await signInByPasskey(again, authenticator, { overrides: { flags: { userVerified: false } } })
    await signInByPasskey(again, authenticator)
    secrets['session of the passkey'] = again.cookies.get('__Host-latchkey.session') ?? ''

    secrets.code = await app.code(browser)
    const tokens = (await app.redeem(browser, secrets.code)).json<Tokens>()
    for (const name of ['access_token', 'id_token', 'refresh_token'] as const) secrets[name] = tokens[name]
    const renewed = (await app.refresh(browser, tokens.refresh_token)).json<Tokens>()
    secrets['second access token'] = renewed.access_token
    await app.userinfo(browser, tokens.access_token)
    await app.userinfo(browser, `${tokens.access_token}x`)
    await app.redeem(browser, secrets.code)
    await app.redeem(browser, secrets.code, { client_secret: `${clientSecret}x` })
    await browser.request('GET', `${app.base}/token?client_secret=${encodeURIComponent(clientSecret)}`)
    await browser.request('GET', '/broken', { headers: { authorization: `Bearer ${tokens.access_token}` } })
    await browser.request('GET', `${app.base}/logout?id_token_hint=${tokens.id_token}`)

    const current = await org.current()
    const key = currentKey(await cache.signingKeys(current, orgServerId), ground.now())
    if (!key) throw new Error('The org has no key')
    const jwk = (await cache.privateKey(current, orgServerId, key.id)).export({ format: 'jwk' })
    Object.assign(secrets, { 'private exponent': jwk.d, 'private prime': jwk.p })
    for (const [index, secretKey] of house.config.secretKeys.entries()) secrets[`secret key ${index}`] = secretKey
  }

  /** A code of six digits may be a part of some number; then it is not the code. */
  const holds = (text: string, secret: string) =>
    /^\d{6}$/.test(secret) ? new RegExp(`(?<!\\d)${secret}(?!\\d)`).test(text) : text.includes(secret)
  const foundIn = (text: string, list = secrets) =>
    Object.entries(list).flatMap(([what, secret]) => (holds(text, secret) ? [what] : []))

  test('is one of many', () => {
    expect(Object.keys(secrets).length).toBeGreaterThan(20)
    for (const [what, secret] of Object.entries(secrets)) expect([what, secret.length >= 6]).toEqual([what, true])
    expect(foundIn(`{"a":"${secrets.code}","b":${secrets['e-mail code']}}`)).toEqual(['e-mail code', 'code'])
  })

  test('is in no line of the log, failures included', () => {
    const log = house.logLines.join('')
    expect(log).toContain('a failure of ours')
    expect(foundIn(log)).toEqual([])
  })

  test('is in no event', async () => {
    const { event = [] } = await snapshot(house.ground.db, [])
    const told = event.join('\n')
    for (const type of [
      'email-code.accepted',
      'password.refused',
      'session.started',
      'token.issued',
      'passkey.refused',
    ])
      expect(told).toContain(type)
    expect(foundIn(told)).toEqual([])
  })

  test('is nowhere in the database file, but for the mail that development keeps', () => {
    const { 'e-mail code': mailed, ...others } = secrets
    expect(foundIn(bytesNow().toString('latin1'), others)).toEqual([])
    expect(mailed && foundIn(bytesBeforeMail.toString('latin1'), { mailed })).toEqual([])
    expect(bytesNow().includes('BEGIN PRIVATE KEY')).toBe(false)
    // The search finds what is there.
    expect(bytesNow().includes(org.id)).toBe(true)
  })

  test('is not what decides alone: its row is worth nothing to whoever reads it', async () => {
    const rows = await snapshot(house.ground.db)
    const stored = [...(rows.browser_session ?? []), ...(rows.token ?? []), ...(rows.sign_in_transaction ?? [])]
    const hashes = stored.flatMap((row) =>
      Object.values(JSON.parse(row)).filter((one) => /^[\w-]{43}$/.test(String(one))),
    )
    expect(hashes.length).toBeGreaterThan(3)
    for (const hash of hashes.map(String)) {
      const thief = org.browser()
      thief.cookies.set('__Host-latchkey.session', hash)
      thief.cookies.set('__Host-latchkey.browser', hash)
      expect((await thief.request('GET', '/account')).location).toMatch(/^\/sign-in\//)
      expect((await thief.request('GET', `/sign-in/02.${hash}`)).error).toBe('transaction_expired')
    }
  })
})
