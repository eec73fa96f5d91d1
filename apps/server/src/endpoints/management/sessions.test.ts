import { beforeAll, describe, expect, test } from 'vitest'
import { inTransaction } from '../../platform/database/index.ts'
import { cookieName } from '../../platform/http/index.ts'
import { listSessions } from '../../records/sessions/index.ts'
import { saveTrustedOrigin } from '../../records/trusted-origins/index.ts'
import { setUserStatus } from '../../records/users/index.ts'
import { describeEachHouse } from '../../testing/each-database.ts'
import { type Browser, type Person, signInByPasskey, type TestOrg } from '../../testing/index.ts'
import { type Caller, openCaller } from './testing.ts'

const me = '/api/v1/sessions/me'
const app = 'https://app.example'

describeEachHouse('Sessions', (house) => {
  let org: TestOrg
  let api: Caller
  beforeAll(async () => {
    org = await house().newOrg()
    api = await openCaller(org)
    const { db, now } = house().ground
    const trusted = { name: 'App', origin: app, scopes: ['CORS'] as const }
    await inTransaction(db, (tx) => saveTrustedOrigin(tx, org.id, trusted, now()))
  })
  /** What a browser adds on our own pages. */
  const own = () => ({ headers: { origin: org.url, 'sec-fetch-site': 'same-origin' } })
  const signedIn = async (): Promise<{ person: Person; browser: Browser; id: string }> => {
    const person = await org.person({ passkey: true })
    const browser = org.browser()
    await browser.open('/sign-in')
    expect((await signInByPasskey(browser, person.authenticator)).status).toBe(200)
    const [session] = await listSessions(house().ground.db, org.id, person.id, house().clock())
    return { person, browser, id: session?.id ?? '' }
  }

  test('are shown to their own browser', async () => {
    const { person, browser, id } = await signedIn()
    const answer = await browser.request('GET', me)
    expect(answer.status).toBe(200)
    expect(answer.header('x-rate-limit-limit')).toBe('6000')
    expect(answer.json()).toEqual({
      id,
      userId: person.id,
      login: person.email,
      createdAt: expect.stringMatching(/\.\d{3}Z$/),
      expiresAt: expect.stringMatching(/\.\d{3}Z$/),
      status: 'ACTIVE',
      lastPasswordVerification: null,
      lastFactorVerification: new Date(house().clock()).toISOString(),
      amr: expect.arrayContaining(['mfa']),
      idp: { id: org.id, type: 'OKTA' },
      mfaActive: true,
      _links: {
        self: { href: `${org.url}${me}`, hints: { allow: ['GET', 'DELETE'] } },
        refresh: { href: `${org.url}${me}/lifecycle/refresh`, hints: { allow: ['POST'] } },
        user: { name: person.email, href: `${org.url}/api/v1/users/${person.id}`, hints: { allow: ['GET'] } },
      },
    })
  })

  test('live longer by being refreshed', async () => {
    const { browser } = await signedIn()
    const before = (await browser.request('GET', me)).json<{ expiresAt: string }>().expiresAt
    house().clock.advance(10 * 60_000)
    const refreshed = await browser.request('POST', `${me}/lifecycle/refresh`, own())
    expect(refreshed.status).toBe(200)
    const after = refreshed.json<{ expiresAt: string }>().expiresAt
    expect(Date.parse(after) - Date.parse(before)).toBe(10 * 60_000)
  })

  test('are ended by their own browser, which forgets them', async () => {
    const { browser } = await signedIn()
    const answer = await browser.request('DELETE', me, own())
    expect(answer.status).toBe(204)
    expect(browser.cookies.has(cookieName('session', true))).toBe(false)
    const gone = await browser.request('GET', me)
    expect([gone.status, gone.json().errorCode]).toEqual([404, 'E0000007'])
  })

  test('are nobody without a cookie, and of nobody who was suspended', async () => {
    expect((await org.browser().request('GET', me)).status).toBe(404)
    const { person, browser, id } = await signedIn()
    const { db, now } = house().ground
    await inTransaction(db, (tx) => setUserStatus(tx, org.id, person.id, 'suspended', now()))
    expect((await browser.request('GET', me)).status).toBe(404)
    expect((await api.call('GET', `/api/v1/sessions/${id}`)).status).toBe(404)
  })

  describe('and other origins', () => {
    test('that are trusted may ask', async () => {
      const { browser } = await signedIn()
      const preflight = await browser.request('OPTIONS', me, { headers: { origin: app } })
      expect(preflight.status).toBe(204)
      const answer = await browser.request('GET', me, { headers: { origin: app } })
      for (const one of [preflight, answer]) {
        expect(one.header('access-control-allow-origin')).toBe(app)
        expect(one.header('access-control-allow-credentials')).toBe('true')
        expect(one.header('vary')).toContain('Origin')
      }
      const ended = await browser.request('DELETE', me, { headers: { origin: app, 'sec-fetch-site': 'same-site' } })
      expect(ended.status).toBe(204)
    })

    test.each([undefined, 'https://evil.example', 'null', `${app}.evil.example`, 'http://app.example'])(
      '%s may not',
      async (origin) => {
        const { browser } = await signedIn()
        const read = await browser.request('GET', me, { headers: { origin } })
        expect(read.header('access-control-allow-origin')).toBeUndefined()
        for (const [method, path] of [
          ['DELETE', me],
          ['POST', `${me}/lifecycle/refresh`],
        ] as const) {
          const answer = await browser.request(method, path, { headers: { origin } })
          expect([method, answer.status, answer.error]).toEqual([method, 403, 'cross_site_request'])
        }
        expect((await browser.request('GET', me)).status).toBe(200)
      },
    )
  })

  test('are shown, refreshed and ended by whoever has a token', async () => {
    const { person, browser, id } = await signedIn()
    const path = `/api/v1/sessions/${id}`
    expect((await api.call('GET', path)).body).toMatchObject({ id, userId: person.id, status: 'ACTIVE' })
    expect((await api.call('POST', `${path}/lifecycle/refresh`)).body).toMatchObject({ id })
    expect((await api.call('DELETE', path)).status).toBe(204)
    expect(await api.call('GET', path)).toMatchObject({ status: 404, body: { errorCode: 'E0000007' } })
    expect(await api.call('DELETE', path)).toMatchObject({ status: 404 })
    expect((await browser.request('GET', me)).status).toBe(404)
  })

  test('of another org are nowhere', async () => {
    const { browser, id } = await signedIn()
    const other = await openCaller(await house().newOrg())
    for (const method of ['GET', 'DELETE'])
      expect([method, (await other.call(method, `/api/v1/sessions/${id}`)).status]).toEqual([method, 404])
    expect((await browser.request('GET', me)).status).toBe(200)
  })
})

describeEachHouse('The document about the org', (house) => {
  test('says which engine it has, to anybody', async () => {
    const org = await house().newOrg()
    const answer = await org.browser().request('GET', '/.well-known/okta-organization', { headers: { origin: app } })
    expect(answer.header('access-control-allow-origin')).toBe('*')
    expect(answer.json()).toMatchObject({
      id: org.id,
      pipeline: 'idx',
      _links: { organization: { href: org.url } },
    })
  })
})
