import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DemoApp, startDemoApp } from './demo-app.ts'
import { signedInPage } from './pages.ts'

let app: DemoApp
beforeAll(async () => {
  const port = await freePort()
  // Nobody listens there: what the app does without its server is part of this test.
  app = await startDemoApp({ port, issuer: `http://localhost:${await freePort()}/oauth2/default` })
})
afterAll(() => app.close())

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(app.url + path, { redirect: 'manual', headers })

describe('The demo app', () => {
  test('offers sign-in and sign-up, and names its issuer', async () => {
    const page = await (await get('/')).text()
    expect(page).toContain('href="/sign-in"')
    expect(page).toContain('href="/sign-in?create"')
    expect(page).toContain('/oauth2/default')
  })

  test('allows no script and no frame on any page', async () => {
    for (const path of ['/', '/callback', '/nothing-here']) {
      const policy = (await get(path)).headers.get('content-security-policy')
      expect(policy).toMatch(/^default-src 'none'; style-src 'self';/)
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toContain('script-src')
    }
  })

  test('says so when its server does not answer', async () => {
    const response = await get('/sign-in')
    expect(response.status).toBe(502)
    expect(await response.text()).toContain('does not answer as it should')
  })

  test('signs nobody out who is not signed in, and forgets the cookie', async () => {
    const response = await fetch(`${app.url}/sign-out`, { method: 'POST', redirect: 'manual' })
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe(`${app.url}/`)
    expect(response.headers.get('set-cookie')).toContain('Max-Age=0')
  })

  test('answers 404 to anything else, whatever the method', async () => {
    expect((await get('/sign-out')).status).toBe(404)
    expect((await get('//evil.example/')).status).toBe(404)
  })
})

describe('Login CSRF', () => {
  test('refuses an answer with a state that this browser did not make', async () => {
    const response = await get('/callback?code=planted&state=planted')
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('state_unknown')
    expect(response.headers.get('set-cookie')).toBeNull()
  })
})

describe('The page of somebody signed in', () => {
  test('escapes what the tokens say', () => {
    const claims = { sub: '00u1', name: '<script>alert(1)</script>', auth_time: 1_700_000_000, groups: ['"a"'] }
    const { html } = signedInPage({ idToken: 'x', idClaims: claims, accessClaims: {} })
    expect(html).not.toContain('<script>')
    expect(html).toContain('Hello, &lt;script&gt;')
    expect(html).toContain('2023-11-14 22:13:20 UTC')
    expect(html).toContain('[&quot;\\&quot;a\\&quot;&quot;]')
  })
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
