import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureDemoClient } from '../../apps/server/src/commands/demo-client.ts'
import {
  type Browser,
  openHouse,
  overHttp,
  type Person,
  signInByPasskey,
  type TestHouse,
  type TestOrg,
} from '../../apps/server/src/testing/index.ts'
import { freePort } from '../../tools/test/free-port.ts'
import { type DemoApp, startDemoApp } from './demo-app.ts'

let house: TestHouse
let org: TestOrg
let app: DemoApp
let ada: Person
beforeAll(async () => {
  const [port, demoPort] = [await freePort(), await freePort()]
  const url = `http://localhost:${port}`
  house = await openHouse({ config: { mode: 'dev', url, port, demoPort } })
  org = await house.ownOrg()
  await house.app.listen({ port, host: 'localhost' })
  app = await startDemoApp({ port: demoPort, issuer: `${url}/oauth2/default` })
  await ensureDemoClient(house.ground, org.id, app.url)
  ada = await org.person({ email: 'ada@example.com', firstName: 'Ada', lastName: 'Lovelace', passkey: true })
})
afterAll(async () => {
  await app.close()
  await house.close()
})

/** The part of a browser that is at the demo app: one cookie, and redirects told and not followed. */
function visitor() {
  let cookie = ''
  return async (address: string, method = 'GET') => {
    const response = await fetch(new URL(address, app.url), { method, redirect: 'manual', headers: { cookie } })
    cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie
    return { status: response.status, location: response.headers.get('location') ?? '', page: await response.text() }
  }
}

/** Goes where the app sends the browser and comes back with the address that the server answers with. */
async function signInAt(location: string, browser: Browser): Promise<string> {
  const { pathname, search } = new URL(location)
  await browser.open(pathname + search)
  await signInByPasskey(browser, ada.authenticator)
  return browser.at.location ?? ''
}

describe('The demo app, in front of a real server', () => {
  test('signs people in, shows what the tokens say, and signs them out on both sides', async () => {
    const visit = visitor()
    const browser = org.browser({ transport: overHttp(org.url) })
    const callback = await signInAt((await visit('/sign-in')).location, browser)
    expect(callback).toMatch(new RegExp(`^${app.url}/callback\\?`))

    expect(await visit(callback)).toMatchObject({ status: 303, location: `${app.url}/` })
    const { page } = await visit('/')
    expect(page).toContain('Hello, Ada Lovelace')
    for (const claim of ['auth_time', 'amr', 'nonce', 'scp', 'cid'])
      expect(page).toContain(`<th scope="row">${claim}</th>`)
    expect(page).toContain('api://default')

    const { location } = await visit('/sign-out', 'POST')
    const endSession = new URL(location)
    expect(endSession.origin).toBe(org.url)
    const signedOut = await browser.open(endSession.pathname + endSession.search)
    expect(signedOut.location).toBe(`${app.url}/`)
    expect((await visit('/')).page).toContain('Sign in with a passkey')
    // The session has ended too: signing in asks again instead of coming straight back.
    const again = new URL((await visit('/sign-in')).location)
    expect((await browser.open(again.pathname + again.search)).status).toBe(200)
  })

  test('takes an answer once', async () => {
    const visit = visitor()
    const callback = await signInAt((await visit('/sign-in')).location, org.browser({ transport: overHttp(org.url) }))
    expect((await visit(callback)).status).toBe(303)
    const replayed = await visit(callback)
    expect(replayed.status).toBe(400)
    expect(replayed.page).toContain('state_unknown')
  })

  test('refuses an answer that was made for somebody else', async () => {
    const [victim, attacker] = [visitor(), visitor()]
    await victim('/sign-in')
    const callback = await signInAt(
      (await attacker('/sign-in')).location,
      org.browser({ transport: overHttp(org.url) }),
    )
    expect((await victim(callback)).page).toContain('state_unknown')
    expect((await victim('/')).page).toContain('Sign in with a passkey')
  })

  test('opens at sign-up for those who have no account', async () => {
    const { location } = await visitor()('/sign-in?create')
    expect(new URL(location).searchParams.get('prompt')).toBe('create')
  })
})
