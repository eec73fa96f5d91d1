import { verify } from '@node-rs/argon2'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Answer, type Browser, openHouse, snapshot, type TestHouse, type TestOrg } from '../testing/index.ts'
import { observeStatements } from './testing/observed.ts'

// Watched, not replaced: how often the costly check runs is what an attacker could time.
vi.mock('@node-rs/argon2', { spy: true })

/** What somebody who listens can see of an answer, without what is random in it. */
function seen({ status, error, location, setCookies, text, header }: Answer, email: string) {
  const names = ['content-type', 'cache-control', 'content-security-policy', 'retry-after', 'vary', 'www-authenticate']
  return {
    status,
    error,
    location: plain(location ?? '', email),
    cookies: setCookies.map((cookie) => cookie.replace(/=[^;]*/, '=')),
    headers: names.map((name) => header(name)),
    text: plain(text, email),
  }
}

const plain = (text: string, email: string) =>
  text
    .replaceAll(email, 'EMAIL')
    .replaceAll(encodeURIComponent(email), 'EMAIL')
    .replaceAll(/02\.[\w-]{43}/g, 'HANDLE')
    .replaceAll(/req\w{17}/g, 'REQUEST')
    .replaceAll(/(csrf"? (?:content|value)=")[\w-]{43}/g, '$1TOKEN')
    .replaceAll(/"(challenge|ceremony|id)":"[\w-]+"/g, '"$1":"RANDOM"')
    .replaceAll(/"expiresAt":\d+/g, '"expiresAt":TIME')

describe('Known and unknown identifiers', () => {
  let house: TestHouse
  let org: TestOrg
  let people: Readonly<Record<string, string>>
  let statements: ReturnType<typeof observeStatements>
  beforeAll(async () => {
    house = await openHouse()
    org = await house.newOrg()
    const email = async (person: Parameters<TestOrg['person']>[0]) => (await org.person(person)).email
    // As synced passkeys are; whoever has another kind, or several, can be told by that list from who has none.
    const synced = { transports: ['hybrid', 'internal'] }
    people = {
      nobody: 'tstnobody00000000000@example.com',
      somebody: await email({}),
      'with a passkey': await email({ passkey: synced }),
      'with a password': await email({ password: 'a long enough password' }),
      'whose address is not proven': await email({ isEmailVerified: false }),
      suspended: await email({ status: 'suspended' }),
      deactivated: await email({ status: 'deactivated', passkey: synced, password: 'a long enough password' }),
    }
    statements = observeStatements(house.ground.db)
  })
  afterAll(() => house?.close())

  /** Plays a story for each of them and gives what each step showed and did. */
  const compare = async (
    story: (browser: Browser, email: string, note: (what: string, answer: Answer) => void) => Promise<void>,
  ) => {
    const told: Record<string, unknown[]> = {}
    for (const [who, email] of Object.entries(people)) {
      house.clock.advance(60 * 60_000)
      const lines: unknown[] = []
      const browser = org.browser()
      await story(browser, email, (what, answer) => {
        lines.push({
          what,
          ...seen(answer, email),
          statements: statements.take(),
          checks: vi.mocked(verify).mock.calls.length,
        })
        vi.mocked(verify).mockClear()
      })
      told[who] = lines
    }
    const { nobody, ...others } = told
    for (const [who, lines] of Object.entries(others)) expect({ who, lines }).toEqual({ who, lines: nobody })
    return nobody as { what: string; status: number; error: string; checks: number; statements: string[] }[]
  }
  const handle = (browser: Browser) => browser.at.path

  test('are named alike', async () => {
    const lines = await compare(async (browser, email, note) => {
      await browser.open('/sign-in')
      statements.take()
      const { fields } = browser.form('/identify')
      note('identify', await browser.post(`${handle(browser)}/identify`, { ...fields, identifier: email }))
      note('page', await browser.open(handle(browser)))
    })
    expect(lines.map(({ status }) => status)).toEqual([303, 200])
  })

  test('are refused a wrong password alike, each by one check of the same cost', async () => {
    const lines = await compare(async (browser, email, note) => {
      await browser.open('/sign-in')
      await browser.submit('/identify', { identifier: email })
      await browser.submit('/select', { step: 'password' })
      const { fields } = browser.form('/password')
      statements.take()
      note('password', await browser.post(`${handle(browser)}/password`, { ...fields, password: 'not this one' }))
    })
    expect(lines).toMatchObject([{ status: 401, error: 'password_incorrect', checks: 1 }])
  })

  test('are sent a code alike, and refused a wrong one alike', async () => {
    const lines = await compare(async (browser, email, note) => {
      await browser.open('/sign-in')
      await browser.submit('/identify', { identifier: email })
      await browser.submit('/select', { step: 'code' })
      const { fields } = browser.form('/send-code')
      statements.take()
      note('send', await browser.post(`${handle(browser)}/send-code`, fields))
      note('page', await browser.open(handle(browser)))
      note('wrong', await browser.post(`${handle(browser)}/code`, { ...browser.form('/code').fields, code: '00000x' }))
    })
    expect(lines.map(({ status, error }) => [status, error])).toEqual([
      [303, undefined],
      [200, undefined],
      [401, 'code_incorrect'],
    ])
  })

  test('are mailed nothing where there is nobody to mail to', async () => {
    const before = await snapshot(house.ground.db)
    const browser = org.browser()
    await browser.open('/sign-in')
    await browser.submit('/identify', { identifier: people.nobody ?? '' })
    await browser.submit('/select', { step: 'code' })
    await browser.submit('/send-code')
    const queued = await snapshot(house.ground.db)
    expect(queued.outbox?.length).toBe((before.outbox?.length ?? 0) + 1)
    expect(await org.mail(people.nobody)).toEqual([])
    const after = await snapshot(house.ground.db, [])
    expect(after.outbox).toEqual([])
    expect(after.event?.filter((row) => /mail\.(sent|failed)/.test(row)).every((row) => !row.includes('nobody'))).toBe(
      true,
    )
  })

  test('are offered passkeys alike', async () => {
    const lines = await compare(async (browser, email, note) => {
      await browser.open('/sign-in')
      await browser.submit('/identify', { identifier: email })
      const start = browser.at.page.script?.start ?? ''
      statements.take()
      note('start', await browser.json(start, { mode: 'identified' }))
    })
    expect(lines).toMatchObject([{ status: 200 }])
  })

  test('sign up alike', async () => {
    const lines = await compare(async (browser, email, note) => {
      await browser.open('/sign-up')
      statements.take()
      const { fields } = browser.form('/sign-up')
      note(
        'sign-up',
        await browser.post(`${handle(browser)}/sign-up`, { ...fields, identifier: email, firstName: 'Ada' }),
      )
      note('page', await browser.open(handle(browser)))
    })
    expect(lines.map(({ status }) => status)).toEqual([303, 200])
  })

  test('run into the same limits', async () => {
    const lines = await compare(async (browser, email, note) => {
      await browser.open('/sign-in')
      await browser.submit('/identify', { identifier: email })
      await browser.submit('/select', { step: 'password' })
      statements.take()
      for (let index = 0; index < 12; index += 1) {
        const { fields } = browser.form('/password')
        note(`try ${index}`, await browser.post(`${handle(browser)}/password`, { ...fields, password: 'wrong' }))
      }
    })
    expect(lines.at(-1)).toMatchObject({ status: 429, error: 'too_many_attempts', checks: 0 })
  })
})
