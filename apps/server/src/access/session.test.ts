import { expect, test } from 'vitest'
import { hour, minute } from '../platform/clock.ts'
import { listSessions } from '../records/sessions/index.ts'
import { describeEachHouse } from '../testing/each-database.ts'
import { signInByPasskey, type TestOrg } from '../testing/index.ts'

describeEachHouse('The session of a browser', (house) => {
  const signIn = async (org: TestOrg) => {
    const person = await org.person({ passkey: true })
    const browser = org.browser()
    await browser.open('/sign-in')
    await signInByPasskey(browser, person.authenticator)
    const sessions = async () => await listSessions(house().ground.db, org.id, person.id, house().clock())
    return { browser, sessions }
  }
  const isSignedIn = async ({ browser }: Awaited<ReturnType<typeof signIn>>) =>
    (await browser.open('/account')).path === '/account'

  test('lives on while it is used, and is noted once a minute', async () => {
    const signedIn = await signIn(await house().newOrg())
    const [started] = await signedIn.sessions()
    house().clock.advance(minute - 1)
    await isSignedIn(signedIn)
    expect(await signedIn.sessions()).toMatchObject([{ lastSeenAt: started?.lastSeenAt }])
    house().clock.advance(1)
    await isSignedIn(signedIn)
    expect(await signedIn.sessions()).toMatchObject([
      { lastSeenAt: house().clock(), idleExpiresAt: house().clock() + 2 * hour },
    ])
    for (let hours = 0; hours < 6; hours += 1) {
      house().clock.advance(hour)
      expect(await isSignedIn(signedIn)).toBe(true)
    }
  })

  test('ends when it was not used for as long as the policy says', async () => {
    const signedIn = await signIn(await house().newOrg())
    house().clock.advance(2 * hour)
    expect(await isSignedIn(signedIn)).toBe(false)
  })

  test('ends when its time is over, however much it is used', async () => {
    const signedIn = await signIn(await house().newOrg())
    for (let hours = 0; hours < 23; hours += 1) {
      house().clock.advance(hour)
      await isSignedIn(signedIn)
    }
    expect(await isSignedIn(signedIn)).toBe(true)
    house().clock.advance(hour)
    expect(await isSignedIn(signedIn)).toBe(false)
  })

  test('is none where its cookie came twice: one of the two was planted', async () => {
    const signedIn = await signIn(await house().newOrg())
    const token = signedIn.browser.cookies.get('__Host-latchkey.session') ?? ''
    signedIn.browser.cookies.set('__Host-latchkey.session', `${token}; __Host-latchkey.session=planted`)
    expect(await isSignedIn(signedIn)).toBe(false)
  })

  test('is not found by the cookie of plain http', async () => {
    const { browser } = await signIn(await house().newOrg())
    const token = browser.cookies.get('__Host-latchkey.session') ?? ''
    browser.cookies.delete('__Host-latchkey.session')
    browser.cookies.set('latchkey.session', token)
    expect((await browser.open('/account')).path).not.toBe('/account')
  })
})
