import { expect, test } from 'vitest'
import { listSessions } from '../../records/sessions/index.ts'
import { describeEachHouse } from '../../testing/each-database.ts'
import { signInByPasskey, type TestOrg } from '../../testing/index.ts'

describeEachHouse('The root page and signing out', (house) => {
  const signIn = async (org: TestOrg) => {
    const person = await org.person({ passkey: true })
    const browser = org.browser()
    await browser.open('/sign-in')
    await signInByPasskey(browser, person.authenticator)
    return { person, browser }
  }

  test('says who is signed in, and leads to the set-up while there is no administrator', async () => {
    const org = await house().newOrg()
    const anonymous = await org.browser().open('/')
    expect(anonymous.text).toContain('href="/setup"')
    expect(anonymous.page.forms).toEqual([])
    const { person, browser } = await signIn(org)
    expect((await browser.open('/')).text).toContain(person.email)
    await org.person({ role: 'admin' })
    expect((await browser.open('/')).text).not.toContain('href="/setup"')
  })

  test('signing out ends the session, takes its cookie and is recorded', async () => {
    const org = await house().newOrg()
    const { person, browser } = await signIn(org)
    const token = browser.cookies.get('__Host-latchkey.session') ?? ''
    await browser.open('/')
    await browser.submit('/sign-out')
    expect(browser.at.path).toBe('/signed-out')
    expect(browser.cookies.has('__Host-latchkey.session')).toBe(false)
    expect(await listSessions(house().ground.db, org.id, person.id, house().clock())).toEqual([])
    expect(await org.events({ types: ['session.ended'] })).toMatchObject([{ userId: person.id, outcome: 'SUCCESS' }])
    browser.cookies.set('__Host-latchkey.session', token)
    await browser.open('/account')
    expect(browser.at.path).toMatch(/^\/sign-in\//)
  })

  test('signing out leaves the sessions of other browsers', async () => {
    const org = await house().newOrg()
    const { person, browser } = await signIn(org)
    const elsewhere = org.browser()
    await elsewhere.open('/sign-in')
    await signInByPasskey(elsewhere, person.authenticator)
    await browser.open('/')
    await browser.submit('/sign-out')
    expect((await elsewhere.open('/account')).path).toBe('/account')
  })

  test('a link cannot sign anybody out', async () => {
    const org = await house().newOrg()
    const { browser } = await signIn(org)
    const refused = await browser.request('GET', '/sign-out')
    expect([refused.status, refused.header('allow')]).toEqual([405, 'POST'])
    expect((await browser.open('/account')).path).toBe('/account')
  })
})
