import { describe, expect, test } from 'vitest'
import { inTransaction } from '../platform/database/index.ts'
import { saveOrg } from '../records/orgs/index.ts'
import { describeEachHouse } from '../testing/each-database.ts'
import { createBrowser, overInject, signInByPasskey, type TestOrg } from '../testing/index.ts'

describeEachHouse('The org of a request', (house) => {
  const ask = async (headers: Record<string, string>, path = '/', ip = '192.0.2.1') =>
    await overInject(house().app)({ method: 'GET', path, headers, ip })
  const open = async () => {
    const org = await house().newOrg({ name: 'Acme' })
    return { org, host: new URL(org.url).host }
  }

  test.each([
    ['its host', (host: string) => host],
    ['its host in capitals', (host: string) => host.toUpperCase()],
    ["its host with the root's dot", (host: string) => `${host}.`],
    ['its host with a port', (host: string) => `${host}:443`],
    ['its host with any port', (host: string) => `${host}:8443`],
    ['its host with the dot and a port', (host: string) => `${host}.:8443`],
  ])('is found by %s', async (_name, write) => {
    const { host } = await open()
    const answer = await ask({ host: write(host) })
    expect([answer.status, answer.text.includes('Acme')]).toEqual([200, true])
  })

  test.each([
    ['unknown.example', 'evil.example'],
    ['empty', ''],
    ['an address', '127.0.0.1'],
    ['a name that ends like ours', 'evil-id.latchkey.test'],
    ['two hosts', 'id.latchkey.test, evil.example'],
    ['a user', 'x@id.latchkey.test'],
    ['a path', 'id.latchkey.test/evil'],
    ['a space', 'id.latchkey.test evil'],
  ])('is refused in production for a host that is %s', async (_name, host) => {
    await house().ownOrg()
    const answer = await ask({ host })
    expect([answer.status, answer.headers['x-latchkey-error']]).toEqual([421, 'unknown_host'])
    expect(answer.headers).not.toHaveProperty('set-cookie')
    expect(answer.text).not.toContain('evil')
  })

  test('is not told by X-Forwarded-Host, Forwarded or X-Host where no proxy is trusted', async () => {
    const { host } = await open()
    const other = await house().newOrg({ name: 'Other' })
    const planted = new URL(other.url).host
    const headers = { 'x-forwarded-host': planted, forwarded: `host=${planted}`, 'x-host': planted }
    const answer = await ask({ host, ...headers })
    expect(answer.text).toContain('Acme')
    expect((await ask({ host: 'evil.example', 'x-forwarded-host': host })).status).toBe(421)
  })

  test('is as it is now, and found where it is now: nothing of a moment ago is shown', async () => {
    const { org, host } = await open()
    expect((await ask({ host })).text).toContain('Acme')
    const { db, now } = house().ground
    const moved = { id: org.id, name: 'Renamed', hosts: [`new-${host}`], settings: { brand: {} } }
    await inTransaction(db, (tx) => saveOrg(tx, moved, now()))
    expect((await ask({ host })).status).toBe(421)
    const answer = await ask({ host: `new-${host}` })
    expect([answer.text.includes('Renamed'), answer.text.includes('Acme')]).toEqual([true, false])
  })

  test('shows nothing of one org at the address of another', async () => {
    const { org } = await open()
    const other = await house().newOrg()
    const { authenticator } = await org.person({ passkey: true })
    const browser = org.browser()
    await browser.open('/sign-in')
    await signInByPasskey(browser, authenticator)
    const elsewhere = other.browser()
    for (const [name, value] of browser.cookies) elsewhere.cookies.set(name, value)
    expect((await elsewhere.open('/account')).path).toMatch(/^\/sign-in\//)
    const handle = (await browser.request('GET', '/sign-up')).location?.split('/').at(-1)
    expect((await elsewhere.request('GET', `/sign-in/${handle}`)).error).toBe('transaction_expired')
  })

  describe('Issuers, links and passkeys are made of its own address, never of the Host header,', () => {
    const addressesOf = async (org: TestOrg, host: string) => {
      const browser = createBrowser({ url: org.url, transport: overInject(house().app) })
      const discovery = await ask({ host }, '/.well-known/openid-configuration')
      const custom = await ask({ host }, '/oauth2/default/.well-known/openid-configuration')
      await browser.open('/sign-in', { host })
      const started = await browser.json(browser.at.page.script?.start ?? '', { mode: 'button' }, { host })
      return {
        issuers: [JSON.parse(discovery.text).issuer, JSON.parse(custom.text).issuer],
        rpId: started.json<{ publicKey: { rpId: string } }>().publicKey.rpId,
      }
    }

    test('at another port, in capitals, or at its second name', async () => {
      const id = `org-${Math.random().toString(36).slice(2)}`
      const org = await house().newOrg({ hosts: [`${id}.example`, `www.${id}.example`] })
      const expected = {
        issuers: [`https://${id}.example`, `https://${id}.example/oauth2/default`],
        rpId: `${id}.example`,
      }
      for (const host of [`${id}.example`, `${id}.example:8443`, `${id.toUpperCase()}.EXAMPLE`, `www.${id}.example`])
        expect(await addressesOf(org, host)).toEqual(expected)
    })
  })
})

describeEachHouse(
  'The org of a request behind a trusted proxy',
  (house) => {
    const ask = async (ip: string, forwarded: string) => {
      const sent = { host: 'internal:8080', 'x-forwarded-host': forwarded }
      return await overInject(house().app)({ method: 'GET', path: '/', headers: sent, ip })
    }

    test('is told by what the proxy says', async () => {
      const org = await house().newOrg({ name: 'Acme' })
      const answer = await ask('10.0.0.1', new URL(org.url).host)
      expect([answer.status, answer.text.includes('Acme')]).toEqual([200, true])
      expect((await ask('10.0.0.1', 'evil.example')).status).toBe(421)
    })

    test('is not told by anybody else', async () => {
      const org = await house().newOrg()
      expect((await ask('192.0.2.1', new URL(org.url).host)).status).toBe(421)
    })

    test('has people whose address the proxy knows, which their limits count', async () => {
      const org = await house().newOrg()
      const browser = org.browser({ ip: '10.0.0.1' })
      await browser.open('/sign-in', { 'x-forwarded-for': '203.0.113.5' })
      const { action, fields } = browser.form('/identify')
      await browser.post(action, { ...fields, identifier: '' }, { 'x-forwarded-for': '198.51.100.9, 203.0.113.5' })
      const [refused] = await org.events({ types: ['sign-in.refused'] })
      expect(refused?.context.ip).toBe('203.0.113.5')
    })
  },
  { config: { trustedProxies: ['10.0.0.0/8'] } },
)

describeEachHouse(
  'The org of a request in development',
  (house) => {
    test('is the default one for any host, at the address of the settings', async () => {
      const org = await house().ownOrg()
      expect(org.id).toBe('default')
      for (const host of ['localhost:8080', '127.0.0.1:8080', 'my-laptop.local', 'evil.example']) {
        const browser = createBrowser({ url: org.url, transport: overInject(house().app) })
        await browser.open('/sign-in', { host })
        expect(browser.at.status).toBe(200)
        const discovery = await browser.request('GET', '/.well-known/openid-configuration', { headers: { host } })
        expect(discovery.json().issuer).toBe('http://localhost:8080')
      }
    })

    test('has cookies without the prefix that needs https', async () => {
      const org = await house().ownOrg()
      const browser = org.browser()
      await browser.open('/sign-in')
      expect([...browser.cookies.keys()]).toEqual(['latchkey.browser'])
    })

    test('is another one where the host is its own', async () => {
      await house().ownOrg()
      const other = await house().newOrg({ name: 'Other', hosts: ['other.localhost'] })
      expect(other.url).toBe('http://other.localhost:8080')
      expect((await other.browser().open('/')).text).toContain('Other')
    })
  },
  { config: { mode: 'dev', url: 'http://localhost:8080' } },
)
