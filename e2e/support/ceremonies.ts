import type { BrowserContext, Page } from 'playwright-core'

export type Ceremony = {
  kind: 'get' | 'create'
  mediation: string
  /** What the browser said: nothing yet, `ok`, or the name of its error. */
  outcome: 'open' | 'ok' | (string & {})
}

export type CeremonyLog = {
  entries: readonly Ceremony[]
  /** Waits for a line of the log after those that were there at `from`, and gives the line's place. */
  until(wanted: Partial<Ceremony>, from?: number): Promise<number>
}

const patienceMs = 10_000

/** Writes down what pages ask of `navigator.credentials` and what the browser answers; it changes neither. */
export async function watchCeremonies(context: BrowserContext): Promise<CeremonyLog> {
  const entries: Ceremony[] = []
  const listeners = new Set<() => void>()
  await context.exposeBinding('latchkeyCeremony', (_source, ceremony: Ceremony) => {
    entries.push(ceremony)
    for (const listen of listeners) listen()
  })
  await context.addInitScript(reportCeremonies)
  const find = (wanted: Partial<Ceremony>, from: number) =>
    entries.findIndex(
      (entry, at) => at >= from && Object.entries(wanted).every(([key, value]) => Reflect.get(entry, key) === value),
    )
  return {
    entries,
    until(wanted, from = 0) {
      const { promise, resolve, reject } = Promise.withResolvers<number>()
      const look = () => {
        const at = find(wanted, from)
        if (at >= 0) resolve(at)
      }
      listeners.add(look)
      const timer = setTimeout(() => {
        reject(new Error(`No ceremony ${JSON.stringify(wanted)} after ${from} in ${JSON.stringify(entries)}`))
      }, patienceMs)
      look()
      return promise.finally(() => {
        clearTimeout(timer)
        listeners.delete(look)
      })
    },
  }
}

/** Waits until the autofill ceremony of a page is open, where page and browser offer one. */
export async function whenArmed(page: Page): Promise<void> {
  if ((await page.locator('[autocomplete~="webauthn"]').count()) === 0) return
  const isArmed = () => page.evaluate(() => Reflect.get(globalThis, 'latchkeyArmed') === true)
  // A browser that has no authenticator for it never arms autofill, and says so nowhere that a page can see.
  for (let looks = 0; looks < 80 && !(await isArmed()); looks += 1) await page.waitForTimeout(25)
}

/** Runs in the page, before its own scripts. */
function reportCeremonies(): void {
  const { credentials } = navigator
  if (!credentials) return
  const report = (ceremony: object) => Reflect.get(globalThis, 'latchkeyCeremony')(ceremony)
  for (const kind of ['get', 'create'] as const) {
    const original: (options: object) => Promise<unknown> = credentials[kind].bind(credentials)
    Reflect.set(credentials, kind, (options: { mediation?: string }) => {
      const ceremony = { kind, mediation: options.mediation ?? 'dialog' }
      const isAutofill = ceremony.mediation === 'conditional' && kind === 'get'
      const answer = original(options)
      if (isAutofill) Reflect.set(globalThis, 'latchkeyArmed', true)
      report({ ...ceremony, outcome: 'open' })
      answer
        .finally(() => isAutofill && Reflect.set(globalThis, 'latchkeyArmed', false))
        .then(
          () => report({ ...ceremony, outcome: 'ok' }),
          (failure: Error) => report({ ...ceremony, outcome: failure.name }),
        )
      return answer
    })
  }
}
