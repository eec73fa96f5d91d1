import { describe, expect, test } from 'vitest'
import { button, enrolPasskey, openStage } from './support/index.ts'

const stage = openStage()

describe('The first administrator', () => {
  test('is made with the printed code and a passkey; a wrong code is refused, and the page closes behind them', async () => {
    const { server } = stage
    const ada = await stage.newPerson()
    ada.expectRefusal(401)
    const { page } = ada
    await ada.addAuthenticator()

    await page.goto(`${server.url}/setup`)
    await page.getByLabel('Set-up code').fill('AAAA-BBBB-CCCC-DDDD-EEEE')
    await button(page, 'Continue').click()
    await page.getByText('This code is not right.').waitFor()
    expect(server.audit().findLast(({ type }) => type === 'setup.refused')).toMatchObject({
      outcome: 'FAILURE',
      reason: 'setup_code_incorrect',
    })

    expect(server.setupCode).toMatch(/^[0-9A-Z]{4}(?:-[0-9A-Z]{4}){4}$/)
    await page.getByLabel('Set-up code').fill(` ${server.setupCode.toLowerCase()} `)
    await button(page, 'Continue').click()
    await page.getByLabel('Email').fill('admin@example.com')
    await page.getByLabel('First name').fill('Ada')
    await button(page, 'Continue').click()
    await page.getByRole('heading', { name: 'Create a passkey' }).waitFor()
    expect(await button(page, 'Not now').count()).toBe(0)
    await enrolPasskey(ada)
    await page.getByRole('heading', { name: 'Passkeys', exact: true }).waitFor()
    const created = server.audit().find(({ type }) => type === 'role.granted' || type === 'admin.created')
    expect(created?.userId).toBe(server.audit().find(({ type }) => type === 'user.created')?.userId)
    expect(server.audit().map(({ type }) => type)).not.toContain('email-code.sent')

    await page.goto(`${server.url}/setup`)
    await page.getByRole('heading', { name: 'Latchkey is set up' }).waitFor()
    await page.goto(server.url)
    expect(await page.getByRole('link', { name: 'Set up Latchkey' }).count()).toBe(0)
  })
})
