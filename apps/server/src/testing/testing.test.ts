import { expect, test } from 'vitest'
import { describeEachHouse } from './each-database.ts'
import { addPasskeyInBrowser, signInByCode, signInByPasskey } from './index.ts'

describeEachHouse('A house for tests', (house) => {
  test('signs a person in by their passkey', async () => {
    const org = await house().newOrg()
    const browser = org.browser()
    const { authenticator } = await org.person({ passkey: true })
    await browser.open('/sign-in')
    await signInByPasskey(browser, authenticator)
    expect(browser.at.path).toBe('/account')
  })

  test('signs a person in by a code out of the mail, and makes a passkey', async () => {
    const org = await house().newOrg()
    const browser = org.browser()
    const { email, authenticator } = await org.person()
    await browser.open('/sign-in')
    await signInByCode(org, browser, email)
    expect(browser.at.page.script?.ceremony).toBe('register')
    await addPasskeyInBrowser(browser, authenticator)
    expect(browser.at.path).toBe('/account')
  })
})
