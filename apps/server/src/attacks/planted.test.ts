import { expect, test } from 'vitest'
import { describeEachHouse } from '../testing/each-database.ts'
import {
  addPasskeyInBrowser,
  type Browser,
  signInByCode,
  signInByPasskey,
  snapshot,
  type TestOrg,
} from '../testing/index.ts'
import { newApp } from './testing/app.ts'

const sessionCookie = '__Host-latchkey.session'
const browserCookie = '__Host-latchkey.browser'
const accountOf = async (browser: Browser) => /[\w.-]+@example\.com/.exec((await browser.open('/account')).text)?.[0]

describeEachHouse('Login CSRF: the victim’s browser is not signed in as the attacker', (house) => {
  /** An attacker who has gone all the way to the app, but for the last step. */
  const finishedSignIn = async (org: TestOrg, authorizePath: string) => {
    const attacker = org.browser()
    const person = await org.person({ passkey: true })
    await attacker.open(authorizePath)
    const { start = '', finish = '' } = attacker.at.page.script ?? {}
    const begun = (await attacker.json(start, { mode: 'button' })).json<{ ceremony: string; publicKey: never }>()
    const response = person.authenticator.get(begun.publicKey, { origin: org.url })
    const { next } = (await attacker.json(finish, { ceremony: begun.ceremony, response })).json<{ next: string }>()
    return { attacker, next }
  }

  test('by the end of an app’s sign-in, which stays the attacker’s', async () => {
    const org = await house().newOrg()
    const app = await newApp(org)
    const { attacker, next } = await finishedSignIn(org, app.authorizePath())
    expect(next).toMatch(/^\/login\/token\/redirect\?stateToken=/)
    for (const victim of [org.browser(), await signedIn(org)]) {
      const before = new Map(victim.cookies)
      const answer = await victim.request('GET', next)
      expect([answer.error, answer.location]).toEqual(['transaction_expired', undefined])
      expect(victim.cookies).toEqual(before)
    }
    expect((await attacker.request('GET', next)).location).toContain('code=')
  })

  test('by a form or script of another site', async () => {
    const org = await house().newOrg()
    const { email } = await org.person({ password: 'a long enough password' })
    const attacker = org.browser()
    await attacker.open('/sign-in')
    await attacker.submit('/identify', { identifier: email })
    const { fields } = attacker.form('/select')
    const victim = org.browser()
    await victim.open('/sign-in')
    const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    const path = `${attacker.at.path}/password`
    for (const headers of [foreign, {}]) {
      const answer = await victim.post(path, { ...fields, password: 'a long enough password' }, headers)
      expect(answer.error).toMatch(/^(transaction_expired|cross_site_request)$/)
      expect(victim.cookies.has(sessionCookie)).toBe(false)
    }
  })
})

async function signedIn(org: TestOrg): Promise<Browser> {
  const { authenticator } = await org.person({ passkey: true })
  const browser = org.browser()
  await browser.open('/sign-in')
  await signInByPasskey(browser, authenticator)
  return browser
}

describeEachHouse('Session fixation: what was planted before is worth nothing after', (house) => {
  test('a session of the attacker’s in the victim’s browser', async () => {
    const org = await house().newOrg()
    const attacker = await signedIn(org)
    const planted = attacker.cookies.get(sessionCookie) ?? ''
    const victim = org.browser()
    victim.cookies.set(sessionCookie, planted)
    const person = await org.person({ passkey: true })
    const app = await newApp(org)
    // The victim is asked by an app that wants a new proof, and gives their own.
    house().clock.advance(1_000)
    await victim.open(app.authorizePath({ prompt: 'login' }))
    await signInByPasskey(victim, person.authenticator)
    const own = victim.cookies.get(sessionCookie)
    expect(own).not.toBe(planted)
    expect(await accountOf(victim)).toBe(person.email)
    attacker.cookies.set(sessionCookie, planted)
    expect(await accountOf(attacker)).not.toBe(person.email)
  })

  test('a value that no server made', async () => {
    const org = await house().newOrg()
    const person = await org.person({ passkey: true })
    const planted = 'A'.repeat(43)
    const victim = org.browser()
    victim.cookies.set(sessionCookie, planted)
    await victim.open('/sign-in')
    await signInByPasskey(victim, person.authenticator)
    expect(victim.cookies.get(sessionCookie)).not.toBe(planted)
    const attacker = org.browser()
    attacker.cookies.set(sessionCookie, planted)
    expect((await attacker.request('GET', '/account')).location).toMatch(/^\/sign-in\//)
  })

  test('a second cookie of the same name: neither counts', async () => {
    const org = await house().newOrg()
    const victim = await signedIn(org)
    const own = victim.cookies.get(sessionCookie)
    for (const cookie of [
      `${sessionCookie}=${own}; ${sessionCookie}=x`,
      `${sessionCookie}=x; ${sessionCookie}=${own}`,
    ]) {
      const answer = await org.browser().request('GET', '/account', { headers: { cookie } })
      expect(answer.location).toMatch(/^\/sign-in\//)
    }
  })

  test('a cookie without the prefix that browsers guard', async () => {
    const org = await house().newOrg()
    const victim = await signedIn(org)
    const cookie = `latchkey.session=${victim.cookies.get(sessionCookie)}; latchkey.browser=${victim.cookies.get(browserCookie)}`
    expect((await org.browser().request('GET', '/account', { headers: { cookie } })).location).toMatch(/^\/sign-in\//)
  })
})

describeEachHouse('An address that is claimed before it is proven', (house) => {
  const target = 'owner@example.com'

  test('gives the attacker nothing, and its owner a clean account', async () => {
    const org = await house().newOrg()
    const untouched = ['event', 'event_sequence', 'attempt_limit', 'sign_in_transaction', 'outbox', 'mailbox']
    const before = await snapshot(house().ground.db, untouched)
    const attacker = org.browser()
    await attacker.open('/sign-up')
    await attacker.submit('/sign-up', { identifier: target, firstName: 'Mallory' })
    const { path } = attacker.at
    // Everything that could make something of it without the code.
    await attacker.json(`${path}/enrol-passkey/start`, {}, { 'x-csrf-token': attacker.at.page.csrf })
    for (const code of ['000000', '123456', ''])
      await attacker.post(`${path}/code`, { csrf: attacker.at.page.csrf, code })
    await attacker.request('GET', `/sign-in/complete?stateToken=${path.slice(9)}`)
    expect(await snapshot(house().ground.db, untouched)).toEqual(before)
    expect(attacker.cookies.has(sessionCookie)).toBe(false)

    // Delivered now, so that the code of the owner's own mail is the newest.
    expect(await org.mail(target)).toHaveLength(1)
    house().clock.advance(60_000)
    const owner = org.browser()
    const person = await org.person()
    await owner.open('/sign-up')
    await owner.submit('/sign-up', { identifier: target, firstName: 'Olivia' })
    await owner.submit('/code', { code: await org.code(target) })
    await addPasskeyInBrowser(owner, person.authenticator)
    const { text } = await owner.open('/account')
    expect(text).toContain('Olivia')
    expect(text).not.toContain('Mallory')
    const { credential = [], browser_session: sessions = [] } = await snapshot(house().ground.db)
    const [user] = (await org.events({ types: ['user.created'] })).filter(({ userId }) => userId !== person.id)
    expect(credential.filter((row) => row.includes(user?.userId ?? '?'))).toHaveLength(1)
    expect(sessions.filter((row) => row.includes(user?.userId ?? '?'))).toHaveLength(1)
    // The attacker's page is still there, and still wants its own code.
    const late = await attacker.post(`${path}/code`, { csrf: attacker.at.page.csrf, code: await org.code(target) })
    expect(late.error).toBe('code_incorrect')
  })

  test('is not proven by a code that was sent for another sign-in', async () => {
    const org = await house().newOrg()
    const owner = await org.person()
    const attacker = org.browser()
    await attacker.open('/sign-in')
    await attacker.submit('/identify', { identifier: owner.email })
    await attacker.submit('/select', { step: 'code' })
    await attacker.submit('/send-code')
    const second = org.browser()
    await second.open('/sign-in')
    await signInByCode(org, second, (await org.person()).email)
    const [{ subject = '' } = {}] = (await org.mail()).filter(({ to }) => to !== owner.email)
    const answer = await attacker.submit('/code', { code: subject.slice(0, 6) })
    expect(answer.error).toBe('code_incorrect')
  })
})
