import { describe, expect, test } from 'vitest'
import { button, chooseWay, openStage, type Person, press, signInByCode, signOut } from './support/index.ts'

const people = {
  ben: { login: 'ben', email: 'ben@example.com', firstName: 'Ben', emailVerified: true },
  carla: { login: 'carla', email: 'carla@example.com', firstName: 'Carla', password: 'four nine lanterns' },
  dora: { login: 'dora', email: 'dora@example.com', firstName: 'Dora', password: 'seven quiet rivers' },
  emil: { login: 'emil@example.com', email: 'emil@example.com', firstName: 'Emil', emailVerified: true },
  finn: { login: 'finn@example.com', email: 'finn@example.com', firstName: 'Finn', emailVerified: true },
} as const

const stage = openStage({ blueprint: { orgs: [{ id: 'default', name: 'Latchkey', users: Object.values(people) }] } })

const lastSession = () => stage.server.audit().findLast(({ type }) => type === 'session.started')

describe('A code by e-mail', () => {
  test('signs in, offers a passkey once, and takes "not now" for an answer', async () => {
    const ben = await stage.newPerson()
    const { page } = ben
    await ben.addAuthenticator()
    await signInByCode(ben, stage.server, 'ben', 'ben@example.com')
    await page.getByRole('heading', { name: 'Sign in faster next time' }).waitFor()
    await button(page, 'Not now').click()
    await page.getByRole('heading', { name: 'Ben' }).waitFor()
    expect(lastSession()?.details.method).toBe('email-code')
    await signOut(ben)

    await signInByCode(ben, stage.server, 'BEN', 'ben@example.com')
    await page.getByRole('heading', { name: 'Ben' }).waitFor()
    expect(page.url()).toBe(`${stage.server.url}/account`)
    await button(page, 'Create a passkey').click()
    await page.getByText('Your passkey is saved').waitFor()
    expect(stage.server.audit().findLast(({ type }) => type === 'passkey.created')?.userId).toBe(lastSession()?.userId)
  })

  test('signs in and creates the passkey that is offered, which signs in the next time', async () => {
    const emil = await stage.newPerson()
    const { page } = emil
    const authenticator = await emil.addAuthenticator()
    await signInByCode(emil, stage.server, 'emil@example.com', 'emil@example.com')
    await button(page, 'Create a passkey').click()
    await page.getByRole('heading', { name: 'Emil' }).waitFor()
    await authenticator.behave('wait')
    await signOut(emil)
    await page.goto(`${stage.server.url}/sign-in`)
    await press(emil, authenticator, button(page, 'Continue with a passkey'), 'confirm')
    await page.getByRole('heading', { name: 'Emil' }).waitFor()
    expect(lastSession()?.details.method).toBe('passkey')
  })

  test('is asked for again when it is wrong, and the refusal is on record', async () => {
    const finn = await stage.newPerson()
    finn.expectRefusal(401)
    const { page } = finn
    await finn.addAuthenticator()
    await chooseWay(finn, stage.server, 'finn@example.com', /Get a code by email/)
    const code = await stage.server.mail.code('finn@example.com')
    await page.getByLabel('Code').fill(String((Number(code) + 1) % 1_000_000).padStart(6, '0'))
    await button(page, 'Continue').click()
    await page.getByText('This code is not right').waitFor()
    expect(stage.server.audit().findLast(({ type }) => type === 'email-code.refused')?.reason).toBe('code_incorrect')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('code')
    await page.getByLabel('Code').fill(`${code.slice(0, 3)} ${code.slice(3)}`)
    await button(page, 'Continue').click()
    await page.getByRole('heading', { name: 'Sign in faster next time' }).waitFor()
  })
})

describe('A password', () => {
  async function signInByPassword(person: Person, identifier: string, password: string): Promise<void> {
    await chooseWay(person, stage.server, identifier, /Use your password/)
    await person.page.getByLabel('Password', { exact: true }).fill(password)
    await button(person.page, 'Continue').click()
  }

  test('is never asked for first, and lets the browser try to create a passkey without a dialog', async () => {
    const carla = await stage.newPerson()
    const { page, ceremonies } = carla
    await carla.addAuthenticator()
    await signInByPassword(carla, 'carla', 'four nine lanterns')
    await ceremonies.until({ kind: 'create', mediation: 'conditional', outcome: 'open' })
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Sign in faster next time')
    expect(lastSession()?.details.method).toBe('password')

    // This browser has no password manager that would do it; the button does not wait for one.
    await button(page, 'Create a passkey').click()
    await ceremonies.until({ kind: 'create', mediation: 'conditional', outcome: 'AbortError' })
    await ceremonies.until({ kind: 'create', mediation: 'dialog', outcome: 'ok' })
    await page.getByRole('heading', { name: 'Carla' }).waitFor()
    expect(await page.getByText('Created by your password manager').count()).toBe(0)
  })

  test('that is wrong is refused in words that name no one', async () => {
    const dora = await stage.newPerson()
    dora.expectRefusal(401)
    const { page } = dora
    await dora.addAuthenticator()
    await signInByPassword(dora, 'dora', 'seven quiet river')
    await page.getByText('The email or password is not right.').waitFor()
    expect(stage.server.audit().findLast(({ type }) => type === 'password.refused')?.reason).toBe('password_incorrect')
    expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe('')
    await page.goto(`${stage.server.url}/account`)
    await page.getByRole('heading', { name: 'Sign in to Latchkey' }).waitFor()
  })
})
