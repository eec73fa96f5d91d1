import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, openHouse, signInByPasskey, type TestHouse } from '../testing/index.ts'
import { newApp } from './testing/app.ts'
import { openTarget, type Target } from './testing/target.ts'

type Visit = { what: string; url: string; answer: Answer }

/** What says the same to everybody, and is there for pages of other origins to read. */
const publicDocuments = /\/(keys|openid-configuration|oauth-authorization-server|okta-organization)(\/|$)/
const foreign = [
  'https://evil.example',
  'null',
  'http://localhost',
  'https://app.example.evil.example',
  'https://evil-app.example',
]
/** Parameters that some server, somewhere, takes for an address to go to. */
const returnTo =
  'returnTo return_to returnUrl return_url redirect redirect_to redirect_url redirectUrl next url target to goto dest destination continue fromURI RelayState callback post_logout_redirect_uri redirect_uri stateToken done state'.split(
    ' ',
  )
const elsewhere = [
  'https://evil.example/',
  '//evil.example/',
  '/\\evil.example/',
  '\\\\evil.example/',
  'https:evil.example',
  '/%2f%2fevil.example',
  'javascript:alert(1)//evil.example',
  '\thttps://evil.example/',
  'https://id.latchkey.test@evil.example/',
  'https://evil.example#id.latchkey.test',
]

describe('Every answer of every route', () => {
  let house: TestHouse
  let target: Target
  const visits: Visit[] = []
  beforeAll(async () => {
    house = await openHouse({ config: { mode: 'dev' } })
    const org = await house.newOrg({ hasKeys: true })
    await newApp(org)
    target = await openTarget(org)
    for (const { url, methods } of house.routes())
      for (const method of methods)
        for (const path of target.pathsTo(url)) {
          const answer = await target.browser.request(method, path, { headers: { origin: foreign[0] } })
          visits.push({ what: `${method} ${path}`, url, answer })
        }
  })
  afterAll(() => house?.close())

  const those = (isBad: (answer: Answer) => boolean) =>
    visits.filter(({ answer }) => isBad(answer)).map(({ what }) => what)
  const isHtml = (answer: Answer) => answer.header('content-type')?.startsWith('text/html') ?? false

  test('was visited', () => {
    expect(visits.length).toBeGreaterThan(80)
    expect(those(isHtml).length).toBeGreaterThan(20)
    expect(those((answer) => answer.status >= 500)).toEqual([])
  })

  test('is framed by nobody (clickjacking)', () => {
    expect(those((answer) => answer.header('x-frame-options') !== 'DENY')).toEqual([])
    expect(
      those((answer) => !/(^|; )frame-ancestors 'none'/.test(answer.header('content-security-policy') ?? '')),
    ).toEqual([])
  })

  test('runs no script that we did not write', () => {
    const policy = (answer: Answer) => answer.header('content-security-policy') ?? ''
    expect(those((answer) => !policy(answer).startsWith("default-src 'none'"))).toEqual([])
    expect(those((answer) => /unsafe-|\*|data: 'self'|script-src(?! 'self'(;|$))/.test(policy(answer)))).toEqual([])
    expect(
      those(
        (answer) =>
          isHtml(answer) && /<script(?![^>]*(src=|type="application\/json"))|\son\w+=|style=/.test(answer.text),
      ),
    ).toEqual([])
  })

  test('is what it says it is, and tells other sites nothing', () => {
    expect(those((answer) => answer.header('x-content-type-options') !== 'nosniff')).toEqual([])
    expect(those((answer) => answer.header('referrer-policy') !== 'same-origin')).toEqual([])
    expect(those((answer) => answer.header('cross-origin-opener-policy') !== 'same-origin')).toEqual([])
    expect(
      those((answer) => answer.header('x-powered-by') !== undefined || answer.header('server') !== undefined),
    ).toEqual([])
  })

  test('is stored by nobody, but for what is the same for everybody', () => {
    const stored = visits.filter(({ answer }) => answer.header('cache-control') !== 'no-store')
    expect([...new Set(stored.map(({ url }) => url))].toSorted()).toEqual(
      [
        '/.well-known/oauth-authorization-server',
        '/.well-known/oauth-authorization-server/oauth2/:serverId',
        '/.well-known/openid-configuration',
        '/.well-known/passkey-endpoints',
        '/login/form-post.js',
        '/oauth2/:serverId/.well-known/oauth-authorization-server',
        '/oauth2/:serverId/.well-known/openid-configuration',
        '/oauth2/:serverId/v1/keys',
        '/oauth2/v1/keys',
      ].toSorted(),
    )
    expect(stored.filter(({ answer }) => answer.setCookies.length > 0)).toEqual([])
  })

  test('sets cookies that scripts, other hosts and plain http do not get', async () => {
    const cookies: string[] = []
    for (const { url } of house.routes())
      cookies.push(...(await target.org.browser().request('GET', target.pathsTo(url)[0] ?? url)).setCookies)
    const person = await target.org.person({ passkey: true })
    const browser = target.org.browser()
    await browser.open('/sign-in')
    cookies.push(...(await signInByPasskey(browser, person.authenticator)).setCookies)
    cookies.push(...(await browser.post('/sign-out', { csrf: browser.at.page.csrf })).setCookies)
    const names = cookies.map((cookie) => cookie.split('=')[0])
    expect([...new Set(names)].toSorted()).toEqual(['__Host-latchkey.browser', '__Host-latchkey.session'])
    for (const cookie of cookies)
      expect(cookie).toMatch(/^__Host-latchkey\.[a-z]+=[\w-]*; Path=\/; HttpOnly; SameSite=Lax; Secure(; Max-Age=0)?$/)
  })

  test.each(foreign)('lets no page of %s read it with the person’s cookies (CORS)', async (origin) => {
    const readable: string[] = []
    for (const { url, methods } of house.routes())
      for (const method of ['OPTIONS', ...methods.filter((one) => one !== 'OPTIONS')]) {
        const path = target.pathsTo(url)[0] ?? url
        const headers = {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'x-csrf-token',
        }
        const answer = await target.browser.request(method, path, { headers })
        const allowed = answer.header('access-control-allow-origin')
        const isOpen = allowed === origin || answer.header('access-control-allow-credentials') !== undefined
        const isAnyones = allowed === '*' && !publicDocuments.test(url)
        if (isOpen || isAnyones) readable.push(`${method} ${url}`)
      }
    expect(readable).toEqual([])
  })

  test.each(elsewhere)('leads nobody to %s, by any parameter', async (address) => {
    const led: string[] = []
    for (const { url } of house.routes()) {
      const query = returnTo.map((name) => `${name}=${encodeURIComponent(address)}`).join('&')
      const path = `${target.pathsTo(url)[0]}?${query}&${query.replaceAll('=', '[]=')}`
      const { location, header } = await target.browser.request('GET', path)
      const to = location === undefined ? target.org.url : new URL(location, target.org.url).origin
      if (to !== target.org.url || header('refresh') !== undefined) led.push(`${path} leads to ${location}`)
    }
    expect(led).toEqual([])
  })
})

describe('A redirect URI that is nearly the registered one', () => {
  const registered = 'https://app.example/callback'
  const variants = [
    'https://app.example/callback/',
    'https://app.example/callback?',
    'https://app.example/callback#',
    'https://app.example/callback#x',
    'https://app.example/callback?a=1',
    'https://app.example/callback%20',
    'https://app.example/callback%00',
    'https://app.example/CALLBACK',
    'https://APP.example/callback',
    'HTTPS://app.example/callback',
    'http://app.example/callback',
    'https://app.example:443/callback',
    'https://app.example:8443/callback',
    'https://app.example./callback',
    'https://user@app.example/callback',
    'https://app.example@evil.example/callback',
    'https://evil.example/https://app.example/callback',
    'https://app.example.evil.example/callback',
    'https://app.example\\@evil.example/callback',
    'https://evil.example\\app.example/callback',
    'https://app.example%2eevil.example/callback',
    'https://app.example%252fevil/callback',
    'https://app.example/callback/../other',
    'https://app.example/other/../callback',
    'https://app.example/%2e%2e/callback',
    'https://app.example/./callback',
    'https://app.example//callback',
    'https://app.example/callback;x=1',
    'https://аpp.example/callback',
    'https://app。example/callback',
    'https://xn--pp-6kc.example/callback',
    ' https://app.example/callback',
    'https://app.example/callback ',
    '\thttps://app.example/callback',
    'https://app.example/callback\n',
    '//app.example/callback',
    '/callback',
    'javascript:alert(1)',
    'data:text/html,x',
    '*',
  ]

  let house: TestHouse
  beforeAll(async () => {
    house = await openHouse()
  })
  afterAll(() => house?.close())

  test('is answered on a page of ours each time, signed in or not', async () => {
    const org = await house.newOrg()
    const app = await newApp(org, { postLogoutRedirectUris: [registered] })
    const { browser } = await openTarget(org)
    for (const redirectUri of variants) {
      const answer = await browser.request('GET', app.authorizePath({ redirect_uri: redirectUri }))
      expect([redirectUri, answer.error, answer.location]).toEqual([
        redirectUri,
        'redirect_uri_not_registered',
        undefined,
      ])
      const left = await browser.request(
        'GET',
        `${app.base}/logout?${new URLSearchParams({ client_id: app.client.id, post_logout_redirect_uri: redirectUri })}`,
      )
      expect([redirectUri, left.error, left.location]).toEqual([
        redirectUri,
        'post_logout_redirect_uri_not_registered',
        undefined,
      ])
    }
    const twice = await browser.request('GET', `${app.authorizePath()}&redirect_uri=https://evil.example/`)
    expect([twice.error, twice.location]).toEqual(['duplicate_parameter', undefined])
  })
})
