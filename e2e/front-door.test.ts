import { describe, expect, test } from 'vitest'
import { button, createAccount, openStage, press, syncedPasskeys } from './support/index.ts'

const stage = openStage()

describe('The front door', () => {
  test('a stranger creates an account with a passkey, lands in the demo app, signs out there and comes back', async () => {
    const { server } = stage
    const ada = await stage.newPerson()
    const { page } = ada
    const authenticator = await ada.addAuthenticator(syncedPasskeys)

    await page.goto(server.demoUrl)
    await page.getByRole('link', { name: 'Create an account' }).click()
    await createAccount(ada, server, 'ada@example.com')
    await page.getByRole('heading', { name: 'Hello, Ada' }).waitFor()
    expect(page.url()).toBe(`${server.demoUrl}/`)
    expect(await claim('email')).toBe('ada@example.com')
    expect(await claim('iss')).toBe(`${server.url}/oauth2/default`)
    // What was proven is the mailbox: the passkey is new and has signed nobody in yet.
    expect(await claim('amr')).toBe('["otp"]')

    await authenticator.behave('wait')
    await button(page, 'Sign out').click()
    await page.getByRole('heading', { name: 'Sign in with a passkey' }).waitFor()
    expect(page.url()).toBe(`${server.demoUrl}/`)

    await page.getByRole('link', { name: 'Sign in', exact: true }).click()
    await page.getByText('to continue to Demo app').waitFor()
    await press(ada, authenticator, button(page, 'Continue with a passkey'), 'confirm')
    await page.getByRole('heading', { name: 'Hello, Ada' }).waitFor()
    expect(await claim('amr')).toBe('["swk","mfa"]')

    const audit = server.audit().map(({ type }) => type)
    for (const type of ['user.created', 'passkey.created', 'session.started', 'token.issued', 'logout.finished'])
      expect(audit).toContain(type)
    expect(server.audit().filter(({ outcome }) => outcome === 'FAILURE')).toEqual([])

    async function claim(name: string): Promise<string> {
      const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) })
      return await row.first().getByRole('cell').innerText()
    }
  })
})
