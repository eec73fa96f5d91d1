import { describe, expect, test } from 'vitest'
import { button, chooseWay, openStage, proveAddress, signInByCode, typeIdentifier } from './support/index.ts'

const users = [
  { login: 'gil@example.com', email: 'gil@example.com', firstName: 'Gil', emailVerified: true },
  { login: 'hana', email: 'hana@example.com', firstName: 'Hana', password: 'nine paper boats' },
  { login: 'ivo@example.com', email: 'ivo@example.com', firstName: 'Ivo', emailVerified: true },
]
const stage = openStage({ blueprint: { orgs: [{ id: 'default', name: 'Latchkey', users }] } })

describe('Without JavaScript', () => {
  test('a code by e-mail signs in, and the passkey that cannot be made is not in the way', async () => {
    const gil = await stage.newPerson({ javaScriptEnabled: false })
    const { page } = gil
    await page.goto(`${stage.server.url}/account`)
    expect(await button(page, 'Continue with a passkey').isVisible()).toBe(false)
    await signInByCode(gil, stage.server, 'gil@example.com', 'gil@example.com')
    await page.getByRole('heading', { name: 'Sign in faster next time' }).waitFor()
    expect(await page.locator('main').innerText()).toContain('Creating a passkey needs JavaScript')
    expect(await button(page, 'Create a passkey').isVisible()).toBe(false)
    await button(page, 'Continue without a passkey').click()
    await page.getByRole('heading', { name: 'Gil' }).waitFor()
    expect(page.url()).toBe(`${stage.server.url}/account`)
    await button(page, 'Sign out').click()
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor()
  })

  test('a password signs in', async () => {
    const hana = await stage.newPerson({ javaScriptEnabled: false })
    const { page } = hana
    await chooseWay(hana, stage.server, 'hana', /Use your password/)
    await page.getByLabel('Password', { exact: true }).fill('nine paper boats')
    await button(page, 'Continue').click()
    await button(page, 'Continue without a passkey').click()
    await page.getByRole('heading', { name: 'Hana' }).waitFor()
    expect(stage.server.audit().findLast(({ type }) => type === 'session.started')?.details.method).toBe('password')
  })

  test('an account is created with an address alone', async () => {
    const jo = await stage.newPerson({ javaScriptEnabled: false })
    const { page } = jo
    await page.goto(`${stage.server.url}/sign-in`)
    await button(page, 'Create an account').click()
    await page.getByLabel('Email').fill('jo@example.com')
    await button(page, 'Continue').click()
    await proveAddress(jo, stage.server, 'jo@example.com')
    await button(page, 'Continue without a passkey').click()
    await page.getByText('jo@example.com').first().waitFor()
    expect(page.url()).toBe(`${stage.server.url}/account`)
  })
})

describe('A browser without passkeys', () => {
  test('says so, opens the other ways by itself, and offers no passkey that it could not make', async () => {
    const ivo = await stage.newPerson({
      initScript: () => void Reflect.deleteProperty(globalThis, 'PublicKeyCredential'),
    })
    const { page } = ivo
    await page.goto(`${stage.server.url}/sign-in`)
    await page.getByLabel('Email or username').waitFor()
    expect(await button(page, 'Continue with a passkey').isVisible()).toBe(false)
    await typeIdentifier(page, 'ivo@example.com')
    await page.getByText('This browser cannot use passkeys.').waitFor()
    expect(await button(page, 'Use a passkey').isVisible()).toBe(false)
    await page.getByRole('button', { name: /Get a code by email/ }).click()
    await proveAddress(ivo, stage.server, 'ivo@example.com')
    await page.getByText('This browser cannot create passkeys.').waitFor()
    await button(page, 'Continue without a passkey').click()
    await page.getByRole('heading', { name: 'Ivo' }).waitFor()
    expect(await button(page, 'Create a passkey').isVisible()).toBe(false)
    expect(ivo.ceremonies.entries).toEqual([])
  })
})
