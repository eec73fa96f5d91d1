import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createBrowser, openHouse, overInject, snapshot, type TestHouse, type TestOrg } from '../testing/index.ts'
import { newApp } from './testing/app.ts'

const evil = 'evil.example'

/** Ways to make a server believe that it has another name, address or scheme. */
const forged: Readonly<Record<string, string>> = {
  'x-forwarded-host': evil,
  'x-forwarded-server': evil,
  'x-forwarded-proto': 'http',
  'x-forwarded-port': '1',
  'x-forwarded-for': '203.0.113.66',
  'x-forwarded-prefix': `//${evil}`,
  'x-host': evil,
  'x-real-ip': '203.0.113.66',
  'x-original-url': '/setup',
  'x-rewrite-url': '/setup',
  'x-http-method-override': 'DELETE',
  forwarded: `for=203.0.113.66;host=${evil};proto=http`,
  referer: `https://${evil}/`,
  'true-client-ip': '203.0.113.66',
}

const openBehind = async (trustedProxies: readonly string[]) => {
  const house = await openHouse({ config: { trustedProxies } })
  return { house, org: await house.newOrg({ hasKeys: true }) }
}

/** Where the audit says that requests came from, each once. */
const recordedAddresses = async (org: TestOrg) => [
  ...new Set((await org.events()).flatMap(({ context }) => context?.ip ?? [])),
]

/** Visits what names the server: documents, redirects, cookies, links. */
async function visitEverything(org: TestOrg, headers: Readonly<Record<string, string>>): Promise<string[]> {
  const { authorizePath } = await newApp(org)
  const browser = org.browser({ ip: '198.51.100.7' })
  const paths = [
    '/',
    '/sign-in',
    '/account',
    '/.well-known/openid-configuration',
    '/.well-known/change-password',
    '/.well-known/passkey-endpoints',
    '/oauth2/default/.well-known/oauth-authorization-server',
    '/oauth2/default/v1/userinfo',
    authorizePath(),
    authorizePath({ prompt: 'none' }),
    '/oauth2/default/v1/logout',
    '/nothing-here',
  ]
  const told: string[] = []
  for (const path of paths) {
    const { status, text, location, setCookies, header } = await browser.request('GET', path, { headers })
    const challenge = header('www-authenticate') ?? ''
    told.push(`${path} ${status} ${location ?? ''}\n${setCookies.join('\n')}\n${challenge}\n${text}`)
  }
  return told
}

describe('Host header poisoning', () => {
  let house: TestHouse
  let org: TestOrg
  beforeAll(async () => {
    ;({ house, org } = await openBehind([]))
  })
  afterAll(() => house?.close())

  test.each([
    evil,
    `${evil}:443`,
    `HOST@${evil}`,
    'HOST.evil.example',
    'evil.HOST',
    'HOST:evil',
    'HOST, evil.example',
    'HOST/',
    'HOST?',
    'HOST#',
    'HOST\\@evil.example',
    'localhost',
    '127.0.0.1',
    '[::1]',
    '..',
    '',
    ' ',
    'HOST%00',
  ])('is refused by every page and endpoint: %s', async (pattern) => {
    const { host } = new URL(org.url)
    const { authorizePath } = await newApp(org)
    const before = await snapshot(house.ground.db)
    for (const path of ['/', '/sign-in', '/.well-known/openid-configuration', authorizePath(), '/oauth2/v1/keys']) {
      const answer = await org.browser().request('GET', path, { headers: { host: pattern.replace('HOST', host) } })
      expect([path, answer.status, answer.error, answer.location]).toEqual([path, 421, 'unknown_host', undefined])
      expect(answer.text).not.toContain('evil')
    }
    expect(await snapshot(house.ground.db)).toEqual(before)
  })

  test.each(['UPPER', 'dot'])(
    'the same name written in another way is the same org, under its own name: %s',
    async (way) => {
      const { host } = new URL(org.url)
      const headers = { host: way === 'UPPER' ? host.toUpperCase() : `${host}.` }
      const answer = await org.browser().request('GET', '/.well-known/openid-configuration', { headers })
      expect(answer.json()).toMatchObject({ issuer: org.url })
    },
  )
})

describe('Forwarded-header poisoning', () => {
  test('without trusted proxies no header changes a name, a scheme, a cookie or an address', async () => {
    const { house, org } = await openBehind([])
    const told = (await visitEverything(org, forged)).join('\n')
    expect(told).toContain(org.url)
    expect(told).not.toContain(evil)
    expect(told).not.toContain('http://')
    expect(told.match(/^__Host-latchkey\.\S*=.*$/gm)?.every((cookie) => cookie.includes('; Secure'))).toBe(true)
    expect(await recordedAddresses(org)).toEqual(['198.51.100.7'])
    await house.close()
  })

  test('a mail says the org’s own name only', async () => {
    const { house, org } = await openBehind([])
    const { email } = await org.person()
    const browser = org.browser()
    await browser.open('/sign-in', forged)
    await browser.submit('/identify', { identifier: email }, forged)
    await browser.submit('/select', { step: 'code' }, forged)
    await browser.submit('/send-code', {}, forged)
    const [mail] = await org.mail(email)
    expect(mail?.subject).toMatch(/^\d{6}/)
    expect(JSON.stringify(mail)).not.toMatch(/evil|http:/)
    await house.close()
  })

  test('a stranger’s headers do not count where another address is the proxy', async () => {
    const { house, org } = await openBehind(['10.0.0.0/8'])
    const told = (await visitEverything(org, forged)).join('\n')
    expect(told).not.toContain(evil)
    expect(await recordedAddresses(org)).toEqual(['198.51.100.7'])
    await house.close()
  })

  describe('behind a trusted proxy', () => {
    const proxy = '10.1.2.3'
    let house: TestHouse
    let org: TestOrg
    beforeAll(async () => {
      ;({ house, org } = await openBehind(['10.0.0.0/8']))
    })
    afterAll(() => house?.close())
    const ask = async (headers: Readonly<Record<string, string>>, path = '/sign-in/complete?stateToken=x') =>
      await createBrowser({ url: org.url, transport: overInject(house.app), ip: proxy }).request('GET', path, {
        headers,
      })
    const lastIp = async () => (await recordedAddresses(org)).at(-1)

    test('the address is the last one that the proxies did not write themselves', async () => {
      await ask({ 'x-forwarded-for': '203.0.113.66, 198.51.100.9, 10.9.9.9' })
      expect(await lastIp()).toBe('198.51.100.9')
    })

    test('the host is the one that the proxy forwards, if it is one of ours', async () => {
      const { host } = new URL(org.url)
      const known = await ask({ host: 'inside', 'x-forwarded-host': host }, '/.well-known/openid-configuration')
      expect(known.json()).toMatchObject({ issuer: org.url })
      const unknown = await ask({ 'x-forwarded-host': evil }, '/.well-known/openid-configuration')
      expect([unknown.status, unknown.error]).toEqual([421, 'unknown_host'])
    })

    test.each(['http', 'https', 'javascript', 'http,https'])('the scheme %s weakens no cookie', async (scheme) => {
      const answer = await ask({ 'x-forwarded-proto': scheme }, '/sign-in')
      expect(answer.setCookies[0]).toMatch(
        /^__Host-latchkey\.browser=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
      )
    })

    test.each([
      'not an address',
      '::ffff:0:0:0:0:0:0',
      '<script>',
      '1.2.3.4:99',
      'unknown',
      '_hidden',
      'a'.repeat(8_000),
    ])('an address that is none does no harm: %s', async (address) => {
      const answer = await ask({ 'x-forwarded-for': address })
      expect([answer.status, answer.error]).toEqual([404, 'transaction_expired'])
    })
  })
})
