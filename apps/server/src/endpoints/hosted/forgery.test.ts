import { beforeEach, describe, expect, test } from 'vitest'
import { describeEachHouse } from '../../testing/each-database.ts'
import { type Answer, type Browser, signInByPasskey, snapshot, type TestOrg } from '../../testing/index.ts'

type Headers = Readonly<Record<string, string | undefined>>
/** A request that changes something, sent with this token and these headers. */
type Change = (browser: Browser, csrf: string | undefined, headers?: Headers) => Promise<Answer>

const formTo =
  (path: (browser: Browser) => string, fields: Readonly<Record<string, string>> = {}): Change =>
  (browser, csrf, headers) =>
    browser.post(path(browser), { ...fields, ...(csrf !== undefined && { csrf }) }, headers)

const jsonTo =
  (path: (browser: Browser) => string, body: object = {}): Change =>
  (browser, csrf, headers) =>
    browser.json(path(browser), body, { 'x-csrf-token': csrf, ...headers })

/** Where the browser stands: on the page of a sign-in. */
const step = (name: string) => (browser: Browser) => `${browser.at.path}/${name}`
const at = (path: string) => () => path

const ceremony = { ceremony: 'cer', response: {} }
const ofTransaction: Readonly<Record<string, Change>> = {
  identify: formTo(step('identify'), { identifier: 'ada@example.com' }),
  select: formTo(step('select'), { step: 'code' }),
  'send-code': formTo(step('send-code')),
  code: formTo(step('code'), { code: '123456' }),
  password: formTo(step('password'), { password: 'x' }),
  'sign-up': formTo(step('sign-up'), { identifier: 'ada@example.com' }),
  skip: formTo(step('skip')),
  consent: formTo(step('consent'), { decision: 'allow' }),
  switch: formTo(step('switch'), { to: 'sign-up' }),
  restart: formTo(step('restart')),
  cancel: formTo(step('cancel')),
  'passkey/start': jsonTo(step('passkey/start'), { mode: 'button' }),
  'passkey/finish': jsonTo(step('passkey/finish'), ceremony),
  'enrol-passkey/start': jsonTo(step('enrol-passkey/start')),
  'enrol-passkey/finish': jsonTo(step('enrol-passkey/finish'), ceremony),
  observe: jsonTo(step('observe'), { name: 'started', surface: 'button' }),
}

const ofAccount: Readonly<Record<string, Change>> = {
  'passkeys/start': jsonTo(at('/account/passkeys/start')),
  'passkeys/finish': jsonTo(at('/account/passkeys/finish'), ceremony),
  rename: formTo(at('/account/passkeys/x/rename'), { name: 'Mine' }),
  remove: formTo(at('/account/passkeys/x/remove')),
  'end session': formTo(at('/account/sessions/x/end')),
  'sign out': formTo(at('/sign-out')),
}

const attacks: Readonly<Record<string, (csrf: string) => [csrf: string | undefined, headers: Headers, error: string]>> =
  {
    'without a token': () => [undefined, {}, 'csrf_token_invalid'],
    'with an empty token': () => ['', {}, 'csrf_token_invalid'],
    'with a token that is made up': (csrf) => [csrf.replaceAll(/[a-z]/g, 'x'), {}, 'csrf_token_invalid'],
    'from another origin': (csrf) => [csrf, { origin: 'https://evil.example' }, 'cross_site_request'],
    'from an origin that begins like ours': (csrf) => [
      csrf,
      { origin: 'https://id.latchkey.test.evil.example' },
      'cross_site_request',
    ],
    'from plain http': (csrf) => [csrf, { origin: 'http://id.latchkey.test' }, 'cross_site_request'],
    'from a sandboxed frame': (csrf) => [csrf, { origin: 'null' }, 'cross_site_request'],
    'from another site': (csrf) => [csrf, { origin: undefined, 'sec-fetch-site': 'cross-site' }, 'cross_site_request'],
    'from a subdomain': (csrf) => [csrf, { origin: undefined, 'sec-fetch-site': 'same-site' }, 'cross_site_request'],
  }

describeEachHouse('Cross-site request forgery', (house) => {
  const open = async (org: TestOrg, path = '/sign-in') => {
    const browser = org.browser()
    await browser.open(path)
    return browser
  }
  /** Sends all of these, and expects each to be refused by its reason, recorded where it is, and to change nothing. */
  const expectRefused = async (
    org: TestOrg,
    sent: readonly (readonly [error: string, send: () => Promise<Answer>])[],
  ) => {
    const before = await snapshot(house().ground.db)
    const at = house().clock() + 1
    house().clock.advance(1)
    for (const [error, send] of sent) {
      const answer = await send()
      expect([answer.status, answer.error]).toEqual([403, error])
      house().clock.advance(1)
    }
    const recorded = (await org.events({ since: at })).map(({ outcome, reason }) => [outcome, reason])
    expect(recorded).toEqual(sent.map(([error]) => ['FAILURE', error]))
    expect(await snapshot(house().ground.db)).toEqual(before)
  }
  const attacksOn = (browser: Browser, change: Change, good = browser.at.page.csrf) =>
    Object.values(attacks).map((attack) => {
      const [csrf, headers, error] = attack(good)
      return [error, () => change(browser, csrf, headers)] as const
    })
  // Refusals of one address are recorded up to a number in each minute.
  beforeEach(() => house().clock.advance(60_000))

  describe.each(Object.entries(ofTransaction))('on the step %s', (_name, change) => {
    test('is refused in every shape, changes nothing, and is recorded', async () => {
      const org = await house().newOrg()
      const browser = await open(org)
      await expectRefused(org, attacksOn(browser, change))
    })

    test("is refused with another browser's token, and with another sign-in's", async () => {
      const org = await house().newOrg()
      const browser = await open(org)
      const elsewhere = (await open(org)).at.page.csrf
      const earlier = browser.at.page.csrf
      await browser.open('/sign-in')
      const sent = [elsewhere, earlier].map((csrf) => ['csrf_token_invalid', () => change(browser, csrf)] as const)
      await expectRefused(org, sent)
    })
  })

  describe.each(Object.entries(ofAccount))('on the account: %s', (_name, change) => {
    const signIn = async (org: TestOrg) => {
      const { authenticator } = await org.person({ passkey: true })
      const browser = await open(org)
      await signInByPasskey(browser, authenticator)
      return browser
    }

    test('is refused in every shape, changes nothing, and is recorded', async () => {
      const org = await house().newOrg()
      const browser = await signIn(org)
      await expectRefused(org, attacksOn(browser, change))
    })

    test("is refused with another person's token, and with a sign-in's", async () => {
      const org = await house().newOrg()
      const browser = await signIn(org)
      const elsewhere = (await signIn(org)).at.page.csrf
      const ofSignIn = (await open(org)).at.page.csrf
      const sent = [elsewhere, ofSignIn].map((csrf) => ['csrf_token_invalid', () => change(browser, csrf)] as const)
      await expectRefused(org, sent)
    })

    test('needs somebody who is signed in', async () => {
      const org = await house().newOrg()
      const browser = await open(org)
      const answer = await change(browser, browser.at.page.csrf)
      // A form is answered with the way to sign in, a script is told it.
      expect(answer.error).toBe('not_signed_in')
      expect(answer.status === 303 ? answer.location : answer.json()).toEqual(
        answer.status === 303 ? '/account' : expect.objectContaining({ status: 401, next: '/account' }),
      )
    })
  })

  test('on the set-up is refused in every shape', async () => {
    const org = await house().newOrg()
    const browser = await open(org, '/setup')
    const change = formTo(at('/setup'), { code: 'BBBB' })
    await expectRefused(org, attacksOn(browser, change, browser.form('/setup').fields.csrf))
  })

  test('a browser that tells no origin is believed by its token', async () => {
    const org = await house().newOrg()
    const browser = await open(org)
    const silent = { origin: undefined, 'sec-fetch-site': undefined }
    const identify = ofTransaction.identify
    const answer = await identify?.(browser, browser.at.page.csrf, silent)
    expect(answer?.status).toBe(303)
  })
})
