import { expect, test } from 'vitest'
import { describeEachHouse } from '../../testing/each-database.ts'
import { overHttp, signInByPasskey, type TestOrg } from '../../testing/index.ts'

describeEachHouse('What answers of pages carry', (house) => {
  const policyOf = (text = '') =>
    Object.fromEntries(text.split('; ').map((rule) => [rule.split(' ')[0], rule.split(' ').slice(1)]))

  test.each(['/', '/sign-in', '/sign-up', '/setup', '/signed-out', '/nothing-here', '/sign-in/complete?stateToken=x'])(
    '%s is framed by nobody, runs no inline script, loads nothing foreign, and is not stored',
    async (path) => {
      const org = await house().newOrg()
      const page = await org.browser().open(path)
      expect(page.header('content-security-policy')).not.toMatch(/unsafe|\*|https?:/)
      const policy = policyOf(page.header('content-security-policy'))
      expect(policy).toMatchObject({
        'default-src': ["'none'"],
        'frame-ancestors': ["'none'"],
        'base-uri': ["'none'"],
      })
      expect(page.header('x-frame-options')).toBe('DENY')
      expect(page.header('x-content-type-options')).toBe('nosniff')
      expect(page.header('referrer-policy')).toBe('same-origin')
      expect(page.header('cross-origin-opener-policy')).toBe('same-origin')
      expect(page.header('cache-control')).toBe('no-store')
      expect(page.header('x-request-id')).toMatch(/^req\w{17}$/)
      expect(page.text).not.toMatch(
        /\son[a-z]+=|\sstyle=|<style|javascript:|<script(?![^>]*(?:src=|type="application\/json"))/i,
      )
      expect(page.text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
    },
  )

  test('the account page as well, and it may ask for passkeys here alone', async () => {
    const org = await house().newOrg()
    const { authenticator } = await org.person({ passkey: true })
    const browser = org.browser()
    await browser.open('/sign-in')
    await signInByPasskey(browser, authenticator)
    expect(browser.at.header('cache-control')).toBe('no-store')
    expect(browser.at.header('permissions-policy')).toContain('publickey-credentials-get=(self)')
    expect(policyOf(browser.at.header('content-security-policy'))['form-action']).toEqual(["'self'"])
  })

  test('files of pages are kept for ever, by their content', async () => {
    const org = await house().newOrg()
    const browser = org.browser()
    await browser.open('/sign-in')
    const [, path = ''] = /<script type="module" src="([^"]+)"/.exec(browser.at.text) ?? []
    const file = await browser.request('GET', path)
    expect([file.status, file.header('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable'])
    expect((await browser.request('GET', '/assets/..%2f..%2fpackage.json')).status).toBe(404)
    expect((await browser.request('GET', path.replace('.js', 'x.js'))).status).toBe(404)
  })
})

const elsewhere = [
  'https://evil.example/',
  '//evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  'javascript:alert(1)',
]
const names = ['to', 'next', 'returnTo', 'redirect', 'redirect_uri', 'continuation', 'stateToken', 'done', 'url']

describeEachHouse('Open redirects', (house) => {
  const isOurs = (location: string | undefined, org: TestOrg) =>
    location === undefined || new URL(location, org.url).origin === org.url

  test.each(names)('no page leads elsewhere by its parameter %s', async (name) => {
    const org = await house().newOrg()
    const browser = org.browser()
    for (const target of elsewhere) {
      const query = `?${name}=${encodeURIComponent(target)}`
      for (const path of ['/', '/sign-in', '/sign-up', '/sign-in/complete', '/account', '/setup', '/signed-out']) {
        const answer = await browser.request('GET', path + query)
        expect(isOurs(answer.location, org), `${path}${query} leads to ${answer.location}`).toBe(true)
        expect(answer.text).not.toContain('evil.example')
      }
    }
  })

  test.each(elsewhere)('no field of a form leads to %s when it is over', async (target) => {
    const org = await house().newOrg()
    const { email } = await org.person()
    const browser = org.browser()
    await browser.open('/sign-in')
    const extra = Object.fromEntries(names.map((name) => [name, target]))
    await browser.submit('/identify', { ...extra, identifier: email })
    await browser.submit('/select', { ...extra, step: 'code' })
    await browser.submit('/send-code', extra)
    await browser.submit('/code', { ...extra, code: await org.code(email) })
    await browser.submit('/skip', extra)
    expect(browser.at.path).toBe('/account')
  })

  test('no address in the request line leads elsewhere after a new proof', async () => {
    const org = await house().newOrg()
    const { authenticator } = await org.person({ passkey: true })
    const [held] = authenticator.credentials()
    const listening = await house().app.listen({ port: 0, host: '127.0.0.1' })
    const browser = org.browser({ transport: overHttp(listening) })
    await browser.open('/sign-in')
    await signInByPasskey(browser, authenticator)
    house().clock.advance(16 * 60_000)
    const foreign = await browser.request('GET', `https://evil.example/account/passkeys/${held?.id}/remove`)
    await browser.open(foreign.location ?? '/')
    await signInByPasskey(browser, authenticator)
    expect(browser.at.path).toBe(`/account/passkeys/${held?.id}/remove`)
  })
})
