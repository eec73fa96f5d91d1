/** What people do on the way, in the words that they see. */

import type { Locator, Page, Route } from 'playwright-core'
import type { Authenticator, AuthenticatorOptions } from './authenticator.ts'
import { whenArmed } from './ceremonies.ts'
import type { Person } from './person.ts'
import type { Server } from './server.ts'
import type { Stage } from './stage.ts'

export const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

/** Types an email or username on the first page. */
export async function typeIdentifier(page: Page, identifier: string): Promise<void> {
  await page.getByLabel('Email or username').fill(identifier)
  await button(page, 'Continue').click()
}

/** Types the code that came by mail. */
export async function proveAddress({ page }: Person, server: Server, email: string): Promise<void> {
  await page.getByRole('heading', { name: 'Check your email' }).waitFor()
  await page.getByLabel('Code').fill(await server.mail.code(email))
  await button(page, 'Continue').click()
}

/** Names themselves on the first page and chooses a way that is not the one offered first. */
export async function chooseWay({ page }: Person, server: Server, identifier: string, way: RegExp): Promise<void> {
  await page.goto(`${server.url}/sign-in`)
  await typeIdentifier(page, identifier)
  await page.getByRole('heading', { name: 'Sign in with your passkey' }).waitFor()
  await page.getByText('Try another way').click()
  await page.getByRole('button', { name: way }).click()
}

export async function signInByCode(person: Person, server: Server, identifier: string, email: string): Promise<void> {
  await chooseWay(person, server, identifier, /Get a code by email/)
  await proveAddress(person, server, email)
}

export async function enrolPasskey({ page }: Person): Promise<void> {
  await button(page, 'Create a passkey').click()
}

/** Fills in the sign-up page that is open and goes on to the end. */
export async function createAccount(person: Person, server: Server, email: string, firstName = 'Ada'): Promise<void> {
  const { page } = person
  await page.getByRole('heading', { name: 'Create your account' }).waitFor()
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('First name').fill(firstName)
  await button(page, 'Continue').click()
  await proveAddress(person, server, email)
  await enrolPasskey(person)
}

/**
 * Presses a button that opens the browser's dialog, and behaves as told when the dialog asks.
 *
 * The authenticator waits until then. Otherwise it would answer the autofill ceremony, which is open all the time, as
 * soon as the page has loaded.
 */
export async function press(
  person: Person,
  authenticator: Authenticator,
  target: Locator,
  behaviour: 'confirm' | 'decline',
) {
  const { page, ceremonies } = person
  await whenArmed(page)
  const from = ceremonies.entries.length
  const letAsk = async (route: Route) => {
    const { mode } = route.request().postDataJSON() as { mode?: string }
    if (mode !== 'autofill') await authenticator.behave(behaviour)
    await route.continue()
  }
  await page.route('**/passkey/start', letAsk)
  await target.click()
  await ceremonies.until({ mediation: 'dialog', outcome: behaviour === 'confirm' ? 'ok' : 'NotAllowedError' }, from)
  // Autofill is armed again at once where nobody was signed in.
  await authenticator.behave('wait')
  await page.unroute('**/passkey/start', letAsk)
}

/** Signs out on the account page. */
export async function signOut({ page }: Person): Promise<void> {
  await button(page, 'Sign out').click()
  await page.getByRole('heading', { name: 'You are signed out' }).waitFor()
}

/** Somebody who has an account with a passkey, and is signed out. Their authenticator waits to be asked. */
export async function becomeMember(stage: Stage, email: string, options: AuthenticatorOptions = {}): Promise<Member> {
  const { server } = stage
  const person = await stage.newPerson()
  const authenticator = await person.addAuthenticator(options)
  await person.page.goto(`${server.url}/sign-up`)
  await createAccount(person, server, email)
  await person.page.getByRole('heading', { name: 'Passkeys', exact: true }).waitFor()
  await authenticator.behave('wait')
  await signOut(person)
  return { ...person, email, authenticator }
}

export type Member = Person & { email: string; authenticator: Authenticator }
