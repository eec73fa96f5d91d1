import type { Authenticator, CreateOptions, GetInput, GetOptions } from '@latchkey/webauthn/testing'
import type { Answer, Browser } from './browser.ts'
import type { TestOrg } from './org.ts'

type Started<Options> = { ceremony: string; publicKey: Options }

/**
 * Answers the passkey request of the page that the browser shows, and goes where the server then says.
 *
 * @param overrides what the authenticator gets wrong
 * @returns the answer to the ceremony's end; where the browser is afterwards is `browser.at`
 */
export async function signInByPasskey(
  browser: Browser,
  authenticator: Authenticator,
  options: { mode?: 'autofill' | 'button' | 'identified'; overrides?: Partial<GetInput> } = {},
): Promise<Answer> {
  const { start = '', finish = '' } = browser.at.page.script ?? {}
  const started = await browser.json(start, { mode: options.mode ?? 'button' })
  if (started.status !== 200) return started
  const { ceremony, publicKey } = started.json<Started<GetOptions>>()
  const response = authenticator.get(publicKey, { origin: browser.url, ...options.overrides })
  return await goOn(browser, await browser.json(finish, { ceremony, response }))
}

/** Creates the passkey that the page asks for or offers. */
export async function addPasskeyInBrowser(
  browser: Browser,
  authenticator: Authenticator,
  options: { conditional?: boolean; overrides?: Partial<Parameters<Authenticator['create']>[1]> } = {},
): Promise<Answer> {
  const { start = '', finish = '' } = browser.at.page.script ?? {}
  const started = await browser.json(start, options.conditional ? { conditional: true } : {})
  if (started.status !== 200) return started
  const { ceremony, publicKey } = started.json<Started<CreateOptions>>()
  const response = authenticator.create(publicKey, { origin: browser.url, ...options.overrides })
  return await goOn(browser, await browser.json(finish, { ceremony, response }))
}

/** From the identifier's page: types the address and the code that comes. */
export async function signInByCode(org: TestOrg, browser: Browser, email: string): Promise<Answer> {
  await browser.submit('/identify', { identifier: email })
  if (!browser.at.page.forms.some(({ action }) => action.endsWith('/send-code')))
    await browser.submit('/select', { step: 'code' })
  await browser.submit('/send-code')
  return await browser.submit('/code', { code: await org.code(email) })
}

async function goOn(browser: Browser, finished: Answer): Promise<Answer> {
  if (finished.status === 200) await browser.open(finished.json<{ next: string }>().next)
  return finished
}
