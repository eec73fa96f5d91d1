import { createAuthenticator } from '@latchkey/webauthn/testing'
import { expect, test } from 'vitest'
import { issueSetupCode } from '../../commands/setup-code.ts'
import { day, minute } from '../../platform/clock.ts'
import { hasUserWithRole, listRoles } from '../../records/users/index.ts'
import { describeEachHouse } from '../../testing/each-database.ts'
import { addPasskeyInBrowser, type Browser, signInByPasskey, snapshot, type TestOrg } from '../../testing/index.ts'

describeEachHouse('The first administrator', (house) => {
  const setUp = async () => {
    const org = await house().newOrg()
    const code = await issueSetupCode(house().ground, org.id)
    if (!code) throw new Error('No code was made')
    return { org, code, browser: org.browser() }
  }
  const become = async (browser: Browser, code: string, identifier: string) => {
    await browser.open('/setup')
    await browser.submit('/setup', { code })
    await browser.submit('/sign-up', { identifier })
  }
  const hasAdmin = async (org: TestOrg) => await hasUserWithRole(house().ground.db, org.id, 'admin')

  test('is made by the printed code and a passkey, and comes back by it', async () => {
    const { org, code, browser } = await setUp()
    await become(browser, ` ${code.toLowerCase()} `, 'root@example.com')
    expect(browser.at.page.script?.ceremony).toBe('register')
    expect(browser.at.page.forms.map(({ action }) => action.split('/').at(-1))).not.toContain('skip')
    const authenticator = createAuthenticator()
    await addPasskeyInBrowser(browser, authenticator)
    expect(browser.at.path).toBe('/account')
    expect(await hasAdmin(org)).toBe(true)
    expect((await org.events({ types: ['admin.created'] }))[0]?.outcome).toBe('SUCCESS')
    const back = org.browser()
    await back.open('/sign-in')
    await signInByPasskey(back, authenticator)
    expect(back.at.text).toContain('root@example.com')
  })

  test('is made although somebody is signed in in this browser, who gains nothing', async () => {
    const { org, code, browser } = await setUp()
    const { authenticator, id } = await org.person({ passkey: true })
    await browser.open('/sign-in')
    await signInByPasskey(browser, authenticator)
    await become(browser, code, 'root@example.com')
    await addPasskeyInBrowser(browser, createAuthenticator())
    expect(browser.at.text).toContain('root@example.com')
    expect(await listRoles(house().ground.db, org.id, id)).toEqual([])
    expect(await hasAdmin(org)).toBe(true)
  })

  test.each(['', 'BBBB-BBBB-BBBB-BBBB-BBBB', "' OR 1=1"])('is not made by the code "%s"', async (code) => {
    const { org, browser } = await setUp()
    await browser.open('/setup')
    const before = await snapshot(house().ground.db)
    const refused = await browser.submit('/setup', { code })
    expect([refused.status, refused.error]).toEqual([401, 'setup_code_incorrect'])
    expect(refused.page.codes).toEqual(['setup_code_incorrect'])
    expect(browser.form('/setup')).toBeDefined()
    expect(await snapshot(house().ground.db)).toEqual(before)
    expect(await org.events({ types: ['setup.refused'] })).toMatchObject([
      { outcome: 'FAILURE', reason: 'setup_code_incorrect' },
    ])
  })

  test("is not made by another org's code, or by one of yesterday", async () => {
    const { org, code, browser } = await setUp()
    const other = await setUp()
    await browser.open('/setup')
    expect((await browser.submit('/setup', { code: other.code })).error).toBe('setup_code_incorrect')
    house().clock.advance(day)
    expect((await browser.submit('/setup', { code })).error).toBe('setup_code_incorrect')
    expect(await hasAdmin(org)).toBe(false)
  })

  test('is made once: the code is worth nothing afterwards, also on a page that was opened before', async () => {
    const { org, code, browser } = await setUp()
    const late = org.browser()
    await late.open('/setup')
    await become(browser, code, 'root@example.com')
    const refused = await late.submit('/setup', { code })
    expect([refused.status, refused.error]).toEqual([409, 'setup_done'])
    expect((await late.open('/setup')).page.forms).toEqual([])
  })

  test('is made once, although two had typed the code before', async () => {
    const { org, code, browser } = await setUp()
    const second = org.browser()
    for (const one of [browser, second]) {
      await one.open('/setup')
      await one.submit('/setup', { code })
    }
    await browser.submit('/sign-up', { identifier: 'root@example.com' })
    await second.submit('/sign-up', { identifier: 'other@example.com' })
    expect(await org.events({ types: ['admin.created'] })).toHaveLength(1)
  })

  test('cannot be guessed: ten tries in a quarter of an hour', async () => {
    const { org, code, browser } = await setUp()
    await browser.open('/setup')
    for (let index = 0; index < 10; index += 1)
      expect((await browser.submit('/setup', { code: `GUESS-${index}` })).error).toBe('setup_code_incorrect')
    const refused = await browser.submit('/setup', { code })
    expect([refused.status, refused.error, refused.header('retry-after')]).toEqual([429, 'too_many_attempts', '900'])
    expect(refused.page.codes).toEqual(['too_many_attempts'])
    expect(await hasAdmin(org)).toBe(false)
    house().clock.advance(15 * minute)
    expect((await browser.submit('/setup', { code })).path).toMatch(/^\/sign-in\//)
  })
})
