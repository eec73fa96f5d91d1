import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { type Authenticator, type AuthenticatorOptions, addAuthenticator, type Behaviour } from './authenticator.ts'
import { type CeremonyLog, watchCeremonies } from './ceremonies.ts'

export type PersonOptions = BrowserContextOptions & {
  /** Where their browser may go; anything else is a leak. */
  origins: readonly string[]
  /** Runs in each page before its own scripts. */
  initScript?: () => void
}

/** Somebody with a browser of their own. */
export type Person = {
  page: Page
  ceremonies: CeremonyLog
  addAuthenticator(options?: AuthenticatorOptions, behaviour?: Behaviour): Promise<Authenticator>
  /** The browser logs every refused request as an error; this names those that the journey is about. */
  expectRefusal(status: number): void
  /** What went wrong on the way: errors in scripts, of the content policy, and requests to elsewhere. */
  problems(): readonly string[]
  close(): Promise<void>
}

const patienceMs = 10_000

export async function openPerson(browser: Browser, options: PersonOptions): Promise<Person> {
  const { origins, initScript, ...contextOptions } = options
  const context = await browser.newContext({ locale: 'en-US', ...contextOptions })
  context.setDefaultTimeout(patienceMs)
  const isScripted = contextOptions.javaScriptEnabled !== false
  if (initScript) await context.addInitScript(initScript)
  const ceremonies = isScripted ? await watchCeremonies(context) : { entries: [], until: neverHappens }
  const page = await context.newPage()
  const problems = watchProblems(page, origins)
  const cdp = await context.newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  return {
    page,
    ceremonies,
    addAuthenticator: (given = {}, behaviour = 'confirm') => addAuthenticator(cdp, given, behaviour),
    expectRefusal: problems.expectRefusal,
    problems: problems.list,
    close: () => context.close(),
  }
}

async function neverHappens(): Promise<number> {
  throw new Error('Without scripts there are no ceremonies')
}

function watchProblems(page: Page, origins: readonly string[]) {
  const problems: string[] = []
  const expected = new Set<number>()
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return
    const status = /the server responded with a status of (\d+)/.exec(message.text())?.[1]
    if (!expected.has(Number(status))) problems.push(`${message.text()} (${message.location().url})`)
  })
  page.on('pageerror', (failure) => problems.push(String(failure)))
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url())
    if (protocol !== 'data:' && !origins.includes(origin)) problems.push(`A request to ${request.url()}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 500) problems.push(`${response.url()} answered ${response.status()}`)
  })
  return { list: () => problems, expectRefusal: (status: number) => void expected.add(status) }
}
