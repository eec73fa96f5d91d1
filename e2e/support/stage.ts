import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'
import { openPerson, type Person, type PersonOptions } from './person.ts'
import { type Server, type ServerOptions, startServer } from './server.ts'

export type StageOptions = ServerOptions & {
  /** Where apps of the journeys are; a request to anywhere else is a leak. */
  origins?: readonly string[]
}

export type Stage = {
  readonly server: Server
  /** Somebody new, with a browser of their own. When the test ends, nothing may have gone wrong in it. */
  newPerson(options?: Omit<PersonOptions, 'origins'>): Promise<Person>
}

const browserArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** One server and one browser for the tests of a file. */
export function openStage({ origins: appOrigins = [], ...options }: StageOptions = {}): Stage {
  let browser: Browser | undefined
  let server: Server | undefined
  beforeAll(async () => {
    const started = await Promise.allSettled([openBrowser(), startServer(options)])
    if (started[0].status === 'fulfilled') browser = started[0].value
    if (started[1].status === 'fulfilled') server = started[1].value
    for (const one of started) if (one.status === 'rejected') throw one.reason
  })
  afterAll(async () => {
    await browser?.close()
    const errors = server?.errors()
    const exitCode = await server?.stop()
    expect(errors).toEqual([])
    expect(exitCode).toBe(0)
  })
  const get = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error('The stage opens before the first test')
    return part
  }
  return {
    get server() {
      return get(server)
    },
    async newPerson(options = {}) {
      const { url, demoUrl } = get(server)
      const person = await openPerson(get(browser), { origins: [url, demoUrl, ...appOrigins], ...options })
      onTestFinished(async ({ task }) => {
        if (task.result?.state === 'fail') console.error(await whereIs(person))
        const problems = person.problems()
        await person.close()
        expect(problems).toEqual([])
      })
      return person
    },
  }
}

/** What a failed journey's person had before them. */
async function whereIs({ page, ceremonies }: Person): Promise<string> {
  const text = await page.locator('body').innerText()
  const asked = ceremonies.entries.map(({ kind, mediation, outcome }) => `${kind} ${mediation} ${outcome}`)
  return `At ${page.url()}:\n${text}\n${asked.join(', ')}`
}

async function openBrowser(): Promise<Browser> {
  const executablePath = process.env.LATCHKEY_CHROMIUM
  if (!executablePath) throw new Error('Set LATCHKEY_CHROMIUM to the path of Chromium, such as /usr/bin/chromium')
  return await chromium.launch({ executablePath, args: browserArguments })
}
