import { describe, expect, test } from 'vitest'
import { minute } from '../../platform/clock.ts'
import { describeEachHouse } from '../../testing/each-database.ts'
import {
  addPasskeyInBrowser,
  type Browser,
  signInByCode,
  signInByPasskey,
  snapshot,
  type TestOrg,
} from '../../testing/index.ts'

const password = 'a long enough password'

describeEachHouse('The pages of a sign-in', (house) => {
  const open = async (org: TestOrg, path = '/sign-in'): Promise<Browser> => {
    const browser = org.browser()
    await browser.open(path)
    return browser
  }
  const handleOf = (browser: Browser) => browser.at.path.split('/')[2] ?? ''
  const events = async (org: TestOrg) =>
    (await org.events()).map(({ name, outcome, reason }) => [name, outcome, reason])

  describe('Journeys', () => {
    test('a passkey without a name, by the button', async () => {
      const org = await house().newOrg()
      const { authenticator } = await org.person({ passkey: true })
      const browser = await open(org)
      expect(browser.at.page.script).toMatchObject({ ceremony: 'authenticate', autofill: true })
      expect((await signInByPasskey(browser, authenticator)).json()).toMatchObject({
        next: expect.stringMatching(/^\/sign-in\/complete\?stateToken=02\./),
      })
      expect(browser.at.path).toBe('/account')
    })

    test('the name first, then the passkey', async () => {
      const org = await house().newOrg()
      const { authenticator, email } = await org.person({ passkey: true })
      const browser = await open(org)
      await browser.submit('/identify', { identifier: email })
      expect(browser.at.text).toContain(email)
      await signInByPasskey(browser, authenticator, { mode: 'identified' })
      expect(browser.at.path).toBe('/account')
    })

    test('a code, then a passkey that is put off, all without a script', async () => {
      const org = await house().newOrg()
      const { email } = await org.person()
      const browser = await open(org)
      await signInByCode(org, browser, email)
      await browser.submit('/skip')
      expect(browser.at.path).toBe('/account')
    })

    test('a password, chosen among the other ways', async () => {
      const org = await house().newOrg()
      const { email } = await org.person({ password, passkey: true })
      const browser = await open(org)
      await browser.submit('/identify', { identifier: email })
      expect(browser.form('/select').buttons.map(({ value }) => value)).toEqual(['code', 'password'])
      await browser.submit('/select', { step: 'password' })
      await browser.submit('/password', { password })
      expect(browser.at.path).toBe('/account')
    })

    test('a new account: address, code, passkey', async () => {
      const org = await house().newOrg()
      const { authenticator } = await org.person()
      const browser = await open(org, '/sign-up')
      await browser.submit('/sign-up', { identifier: 'ada@example.com', firstName: 'Ada', lastName: '' })
      await browser.submit('/code', { code: await org.code('ada@example.com') })
      expect(browser.at.page.script?.ceremony).toBe('register')
      await addPasskeyInBrowser(browser, authenticator)
      expect(browser.at.path).toBe('/account')
      const back = await open(org)
      await signInByPasskey(back, authenticator)
      expect(back.at.text).toContain('ada@example.com')
    })

    test('nothing is asked of whoever is signed in', async () => {
      const org = await house().newOrg()
      const { authenticator } = await org.person({ passkey: true })
      const browser = await open(org)
      await signInByPasskey(browser, authenticator)
      expect((await browser.request('GET', '/sign-in')).location).toBe('/account')
    })
  })

  describe('Cookies', () => {
    test('of the browser and of the session are out of reach of scripts, other hosts and plain http', async () => {
      const org = await house().newOrg()
      const { authenticator } = await org.person({ passkey: true })
      const browser = org.browser()
      const first = await browser.request('GET', '/sign-in')
      const flags = 'Path=/; HttpOnly; SameSite=Lax; Secure'
      expect(first.setCookies).toEqual([expect.stringMatching(/^__Host-latchkey\.browser=[\w-]{43}; /)])
      expect(first.setCookies[0]?.split('; ').slice(1).join('; ')).toBe(flags)
      await browser.open('/sign-in')
      const finished = await signInByPasskey(browser, authenticator)
      expect(finished.setCookies).toEqual([expect.stringMatching(/^__Host-latchkey\.session=[\w-]{43}; /)])
      expect(finished.setCookies[0]?.split('; ').slice(1).join('; ')).toBe(flags)
    })

    test('a session that was planted before is worth nothing after (session fixation)', async () => {
      const org = await house().newOrg()
      const { authenticator } = await org.person({ passkey: true })
      const browser = await open(org)
      browser.cookies.set('__Host-latchkey.session', 'planted-by-an-attacker')
      await signInByPasskey(browser, authenticator)
      expect(browser.cookies.get('__Host-latchkey.session')).not.toBe('planted-by-an-attacker')
      const attacker = org.browser()
      attacker.cookies.set('__Host-latchkey.session', 'planted-by-an-attacker')
      await attacker.open('/account')
      expect(attacker.at.path).toMatch(/^\/sign-in\//)
    })
  })

  describe('A refusal', () => {
    test('stands on the page of its step, under its field, with what was typed', async () => {
      const org = await house().newOrg()
      const browser = await open(org, '/sign-up')
      const typed = { identifier: 'not an address', firstName: 'Ada', lastName: 'King' }
      const answer = await browser.submit('/sign-up', typed)
      expect([answer.status, answer.error]).toEqual([400, 'identifier_invalid'])
      expect(answer.page.codes).toEqual(['identifier_invalid'])
      expect(browser.form('/sign-up').fields).toMatchObject(typed)
      expect(answer.page.title).toMatch(/^Error/)
    })

    test('never shows a secret again', async () => {
      const org = await house().newOrg()
      const { email } = await org.person({ password })
      const browser = await open(org)
      await browser.submit('/identify', { identifier: email })
      await browser.submit('/select', { step: 'password' })
      const wrong = await browser.submit('/password', { password: 'the wrong one to see' })
      expect([wrong.status, wrong.error, wrong.page.codes]).toEqual([401, 'password_incorrect', ['password_incorrect']])
      expect(wrong.text).not.toContain('the wrong one to see')
      await browser.submit('/select', { step: 'code' })
      await browser.submit('/send-code')
      const typed = await browser.submit('/code', { code: '98 76 5x' })
      expect([typed.status, typed.page.codes]).toEqual([401, ['code_incorrect']])
      expect(typed.text).not.toContain('98 76 5x')
    })

    test('is recorded with its reason, once', async () => {
      const org = await house().newOrg()
      const { email, id } = await org.person({ password })
      const browser = await open(org)
      await browser.submit('/identify', { identifier: email })
      await browser.submit('/select', { step: 'password' })
      await browser.submit('/password', { password: 'wrong' })
      const refusals = await org.events({ types: ['password.refused'] })
      expect(refusals).toMatchObject([
        {
          outcome: 'FAILURE',
          reason: 'password_incorrect',
          userId: id,
          context: { ip: '192.0.2.10', userAgent: expect.stringContaining('Chrome'), requestId: expect.any(String) },
          details: { route: '/sign-in/:handle/:step' },
        },
      ])
      expect((await events(org)).filter(([, outcome]) => outcome === 'FAILURE')).toHaveLength(1)
    })

    test('for too many attempts says when to come back', async () => {
      const org = await house().newOrg()
      const { email } = await org.person()
      const browser = await open(org)
      await browser.submit('/identify', { identifier: email })
      await browser.submit('/select', { step: 'code' })
      await browser.submit('/send-code')
      const early = await browser.submit('/send-code')
      expect([early.status, early.error, early.header('retry-after')]).toEqual([429, 'too_many_attempts', '30'])
      expect(early.page.codes).toEqual(['too_many_attempts'])
      expect(browser.form('/code').fields).toHaveProperty('csrf')
    })

    test('of a passkey is problem+json, with the signal for its provider', async () => {
      const org = await house().newOrg()
      const stranger = await (await house().newOrg()).person({ passkey: true })
      const [held] = stranger.authenticator.credentials()
      const browser = await open(org)
      const overrides = { credentialId: held?.id ?? '', rpId: org.rpId }
      const refused = await signInByPasskey(browser, stranger.authenticator, { overrides })
      expect(refused.status).toBe(401)
      expect(refused.header('content-type')).toBe('application/problem+json; charset=utf-8')
      expect(refused.json()).toEqual({
        status: 401,
        code: 'passkey_not_recognised',
        title: expect.any(String),
        requestId: expect.stringMatching(/^req/),
        signal: { unknownCredential: { rpId: org.rpId, credentialId: held?.id } },
      })
      expect(await events(org)).toContainEqual(['passkey.refused', 'FAILURE', 'passkey_not_recognised'])
    })

    test('of an unverified passkey says its reason', async () => {
      const org = await house().newOrg()
      const { authenticator, id } = await org.person({ passkey: true })
      const browser = await open(org)
      const refused = await signInByPasskey(browser, authenticator, {
        overrides: { flags: { userVerified: false } },
      })
      expect(refused.json()).toMatchObject({ status: 401, code: 'passkey_refused', reason: 'user_not_verified' })
      expect(await org.events({ types: ['passkey.refused'] })).toMatchObject([
        { userId: id, reason: 'passkey_refused', details: { reason: 'user_not_verified' } },
      ])
    })
  })

  describe('Tabs', () => {
    test('an outdated page is told that the sign-in went on, and shows where it is', async () => {
      const org = await house().newOrg()
      const browser = await open(org)
      const { action, fields } = browser.form('/identify')
      await browser.submit('/identify', { identifier: 'ada@example.com' })
      const before = await snapshot(house().ground.db)
      const outdated = await browser.post(action, { ...fields, identifier: 'bob@example.com' })
      expect([outdated.status, outdated.error]).toEqual([409, 'transaction_changed'])
      expect(outdated.page.codes).toEqual(['transaction_changed'])
      expect(outdated.text).toContain('ada@example.com')
      expect(await snapshot(house().ground.db)).toEqual(before)
    })

    test.each(['passkey', 'enrol-passkey', 'nothing', '__proto__', 'constructor'])(
      'no form answers the step %s',
      async (step) => {
        const org = await house().newOrg()
        const browser = await open(org)
        const { fields } = browser.form('/identify')
        const answer = await browser.post(`/sign-in/${handleOf(browser)}/${step}`, { csrf: fields.csrf ?? '' })
        expect([answer.status, answer.error]).toEqual([409, 'step_not_open'])
      },
    )
  })

  describe('Whose sign-in it is (login CSRF)', () => {
    const strangers = {
      'another browser': async (org: TestOrg) => await open(org),
      'a browser without cookies': async (org: TestOrg) => org.browser(),
      'a browser with two cookies of the name': async (org: TestOrg, mine: Browser) => {
        const browser = org.browser()
        const secret = mine.cookies.get('__Host-latchkey.browser') ?? ''
        browser.cookies.set('__Host-latchkey.browser', `${secret}; __Host-latchkey.browser=planted`)
        return browser
      },
    }

    test.each(Object.entries(strangers))('%s finds nothing behind the handle', async (_name, stranger) => {
      const org = await house().newOrg()
      const mine = await open(org)
      const { csrf = '' } = mine.form('/identify').fields
      const other = await stranger(org, mine)
      const path = `/sign-in/${handleOf(mine)}`
      const before = await snapshot(house().ground.db)
      for (const answer of [
        await other.request('GET', path),
        await other.post(`${path}/identify`, { csrf, identifier: 'ada@example.com' }),
        await other.json(`${path}/passkey/start`, { mode: 'button' }, { 'x-csrf-token': csrf }),
        await other.request('GET', `/sign-in/complete?stateToken=${handleOf(mine)}`),
      ]) {
        expect([answer.status, answer.error]).toEqual([404, 'transaction_expired'])
        expect(answer.setCookies).toEqual([])
      }
      expect(await snapshot(house().ground.db)).toEqual(before)
    })

    test('a finished sign-in that an attacker plants does not sign the victim in as the attacker', async () => {
      const org = await house().newOrg()
      const attacker = await open(org)
      const { authenticator } = await org.person({ passkey: true })
      const { start = '', finish = '' } = attacker.at.page.script ?? {}
      const { ceremony, publicKey } = (await attacker.json(start, { mode: 'button' })).json<never>() as {
        ceremony: string
        publicKey: Parameters<typeof authenticator.get>[0]
      }
      const response = authenticator.get(publicKey, { origin: org.url })
      const { next } = (await attacker.json(finish, { ceremony, response })).json<{ next: string }>()
      const victim = await open(org)
      const planted = await victim.open(next)
      expect([planted.status, planted.error]).toEqual([404, 'transaction_expired'])
      expect(victim.cookies.has('__Host-latchkey.session')).toBe(false)
      expect((await attacker.open(next)).path).toBe('/account')
      expect((await attacker.open(next)).error).toBe('transaction_expired')
    })

    test.each(['02.short', '00.'.padEnd(46, 'a'), `02.${'a'.repeat(43)}`, '%00', '..%2faccount', 'x'.repeat(600)])(
      'the handle %s is as unknown as one that has expired',
      async (handle) => {
        const org = await house().newOrg()
        const browser = await open(org)
        const answer = await browser.request('GET', `/sign-in/${handle}`)
        expect(answer.status).toBeGreaterThanOrEqual(400)
        expect(answer.status).toBeLessThan(500)
        expect(answer.text).not.toContain('<form')
      },
    )

    test('the page of an expired sign-in leads to a new one', async () => {
      const org = await house().newOrg()
      const browser = await open(org)
      house().clock.advance(30 * minute)
      const expired = await browser.submit('/identify', { identifier: 'ada@example.com' })
      expect([expired.status, expired.error]).toEqual([404, 'transaction_expired'])
      expect(expired.text).toContain('href="/"')
    })
  })

  test('takes observations of its own page only, and nothing else with them', async () => {
    const org = await house().newOrg()
    const browser = await open(org)
    const path = `/sign-in/${handleOf(browser)}/observe`
    const taken = await browser.json(path, { name: 'os_cancelled', surface: 'button', reason: 'not_allowed' })
    expect(taken.status).toBe(204)
    const { observation = [] } = await snapshot(house().ground.db)
    expect(observation.filter((row) => row.includes(org.id))).toHaveLength(1)
    const more = { name: 'started', surface: 'button', email: 'ada@example.com' }
    expect((await browser.json(path, more)).status).toBe(400)
    expect((await browser.json(path, { name: 'made up', surface: 'button' })).status).toBe(400)
  })
})
