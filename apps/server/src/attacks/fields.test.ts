import { expect, test } from 'vitest'
import { minute } from '../platform/clock.ts'
import { describeEachHouse } from '../testing/each-database.ts'
import { type Answer, type Browser, snapshot } from '../testing/index.ts'

/** Text that some layer may stumble over: a database, a template, a normal form, a length. */
const texts: readonly string[] = [
  '',
  ' ',
  '\n',
  '\u200b',
  '\u202eevil',
  'a\u0000b',
  '\ud800',
  'x\udc00y',
  '\u0001\u001b[31m',
  '\ufffd\ufeff',
  'ﷺ'.repeat(60),
  'İıſK',
  '🦹'.repeat(130),
  'a'.repeat(255),
  'a'.repeat(5_000),
  '../../etc/passwd',
  "' OR 1=1; DROP TABLE person; --",
  '"><script>alert(1)</script>',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: an attack on templates
  '${7*7}{{7*7}}<%= 7*7 %>',
  '%00%0d%0a',
  '%s%n%x',
  'a@b@c',
  '@',
  'a@',
  '@b.example',
  'a@b..example',
  'a@[127.0.0.1]',
  'a@xn--a.example',
  'a@ｅxample.com',
  'a\r\nBcc: victim@example.com',
  '"a b"@example.com',
  `${'a'.repeat(64)}@${'b'.repeat(200)}.example`,
  '-1',
  '1e999',
  '999999999999999999999',
  'NaN',
  'true',
  'null',
  '__proto__',
  'constructor',
]

/** What JSON can put where text belongs. */
const values: readonly unknown[] = [null, true, 0, -1, 1e300, [], {}, ['a'], { toString: 'x' }, { length: 5 }, [[[[]]]]]

/** Brings a browser to a step's page; gives the fields that the step reads. */
type Way = { step: string; fields: readonly string[]; open: (browser: Browser, email: string) => Promise<unknown> }

const identified = async (browser: Browser, email: string) => {
  await browser.open('/sign-in')
  await browser.submit('/identify', { identifier: email })
}

const ways: readonly Way[] = [
  { step: 'identify', fields: ['identifier'], open: (browser) => browser.open('/sign-in') },
  { step: 'sign-up', fields: ['identifier', 'firstName', 'lastName'], open: (browser) => browser.open('/sign-up') },
  { step: 'select', fields: ['step', 'version'], open: identified },
  { step: 'switch', fields: ['mode', 'to'], open: (browser) => browser.open('/sign-in') },
  { step: 'password', fields: ['password', 'version'], open: identified },
  {
    step: 'code',
    fields: ['code', 'version'],
    async open(browser, email) {
      await identified(browser, email)
      await browser.submit('/select', { step: 'code' })
      await browser.submit('/send-code')
    },
  },
]

/** What a step may write although it was only attempted: its own state, its mail, its count. */
const own = ['event', 'event_sequence', 'attempt_limit', 'sign_in_transaction', 'outbox', 'mailbox']

const fieldsWith = (way: Way, field: string, value: unknown) => ({
  ...Object.fromEntries(way.fields.filter((name) => name !== 'version').map((name) => [name, 'someone@example.com'])),
  [field]: value,
})

/** As a script would send it, because forms can hold less than JSON can. */
async function send(browser: Browser, path: string, fields: Record<string, unknown>): Promise<Answer> {
  const { csrf } = browser.at.page
  const headers = { 'content-type': 'application/json', origin: browser.url }
  return await browser.request('POST', path, { headers, body: JSON.stringify({ csrf, ...fields }) })
}

/** What is wrong with the answer to one value, if anything. */
async function attempt(browser: Browser, way: Way, field: string, value: unknown): Promise<string[]> {
  const page = browser.at.path
  const answer = await send(browser, `${page}/${way.step}`, fieldsWith(way, field, value))
  // Where the sign-in went is still a page.
  const next = await browser.open(page)
  const shown = `${field}=${JSON.stringify(value).slice(0, 60)}`
  return [
    ...(answer.status >= 500 ? [`${shown}: ${answer.status} ${answer.error}`] : []),
    ...(answer.error === undefined && answer.status !== 303 ? [`${shown}: ${answer.status}`] : []),
    ...(next.status >= 400 ? [`${shown}: then ${next.status} ${next.error}`] : []),
    ...(isRaw(answer.text) || isRaw(next.text) ? [`${shown}: written as it is`] : []),
  ]
}

const isRaw = (html: string) => html.includes('<script>alert') || html.includes('{{49}}') || html.includes('\u0000')

describeEachHouse('A field of a form', (house) => {
  test.each(ways.map((way) => [way.step, way] as const))(
    'of the step %s may hold anything, and at most goes on with the sign-in',
    { timeout: 60_000 },
    async (_step, way) => {
      const org = await house().newOrg()
      const { email } = await org.person({ password: 'a long enough password' })
      const before = await snapshot(house().ground.db, own)
      const findings: string[] = []
      for (const field of way.fields)
        for (const value of [...texts, ...values]) {
          const browser = org.browser()
          await way.open(browser, email)
          findings.push(...(await attempt(browser, way, field, value)))
          // So that no limit answers in place of the step.
          house().clock.advance(20 * minute)
        }
      expect(findings).toEqual([])
      expect(await snapshot(house().ground.db, own)).toEqual(before)
    },
  )

  test('that is a login hint, cut where a letter of two halves stands, is kept whole', async () => {
    const org = await house().newOrg()
    const client = await org.client()
    const hint = `${'a'.repeat(319)}🦹`
    const query = new URLSearchParams({
      client_id: client.id,
      redirect_uri: client.redirectUris[0] ?? '',
      response_type: 'code',
      scope: 'openid',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
      login_hint: hint,
    })
    const page = await org.browser().open(`/oauth2/v1/authorize?${query}`)
    expect([page.status, page.error]).toEqual([200, undefined])
    expect(page.text).toContain(`${'a'.repeat(319)}\ufffd`)
  })
})
