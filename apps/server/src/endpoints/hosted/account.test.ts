import { type Authenticator, createAuthenticator } from '@latchkey/webauthn/testing'
import { describe, expect, test } from 'vitest'
import { minute } from '../../platform/clock.ts'
import { inTransaction } from '../../platform/database/index.ts'
import { listCredentials } from '../../records/credentials/index.ts'
import { listSessions } from '../../records/sessions/index.ts'
import { setUserStatus } from '../../records/users/index.ts'
import { describeEachHouse } from '../../testing/each-database.ts'
import {
  addPasskeyInBrowser,
  type Browser,
  givePasskey,
  type PersonInput,
  signInByPasskey,
  snapshot,
  type TestOrg,
} from '../../testing/index.ts'

describeEachHouse('The account page', (house) => {
  const signIn = async (org: TestOrg, authenticator: Authenticator): Promise<Browser> => {
    const browser = org.browser()
    await browser.open('/account')
    await signInByPasskey(browser, authenticator)
    expect(browser.at.path).toBe('/account')
    return browser
  }
  const setUp = async (input: PersonInput = {}) => {
    const org = await house().newOrg()
    const person = await org.person({ passkey: true, ...input })
    const [held] = person.authenticator.credentials()
    const browser = await signIn(org, person.authenticator)
    return { org, person, browser, path: `/account/passkeys/${held?.id}`, id: held?.id ?? '' }
  }
  const passkeysOf = async ({ org, person }: Awaited<ReturnType<typeof setUp>>) =>
    await listCredentials(house().ground.db, org.id, person.id)
  const formFields = (browser: Browser) => ({ csrf: browser.at.page.csrf })

  test('asks whoever is not signed in to do so, and then is there', async () => {
    const org = await house().newOrg()
    const browser = org.browser()
    expect((await browser.open('/account')).path).toMatch(/^\/sign-in\/02\./)
  })

  test('shows the person and tells the passkey provider the whole truth', async () => {
    const { org, person, browser, id } = await setUp()
    expect(browser.at.text).toContain(person.email)
    expect(browser.at.page.script?.signals).toEqual({
      allAcceptedCredentials: { rpId: org.rpId, userId: person.id, allAcceptedCredentialIds: [id] },
      currentUserDetails: { rpId: org.rpId, userId: person.id, name: person.email, displayName: person.email },
    })
  })

  test('is not shown in a session whose user may not sign in any more', async () => {
    const { org, person, browser } = await setUp()
    await inTransaction(house().ground.db, (tx) => setUserStatus(tx, org.id, person.id, 'suspended', 1))
    await browser.open('/account')
    expect(browser.at.path).toMatch(/^\/sign-in\//)
  })

  describe('A passkey', () => {
    test('is added, of any kind, and signs in', async () => {
      const begun = await setUp()
      const { org, browser } = begun
      const key = createAuthenticator({ transports: ['usb'], backupEligible: false, attachment: 'cross-platform' })
      const added = await addPasskeyInBrowser(browser, key)
      expect(added.json()).toMatchObject({ next: '/account?done=passkey_added', signal: expect.any(Object) })
      expect(browser.at.page.codes).toEqual(['passkey_added'])
      expect((await passkeysOf(begun)).map(({ name }) => name).toSorted()).toEqual(['Passkey', 'Security key'])
      await signIn(org, key)
    })

    test('is added by a proof of the last quarter of an hour only', async () => {
      const begun = await setUp()
      const { browser } = begun
      house().clock.advance(15 * minute + 1)
      const refused = await addPasskeyInBrowser(browser, createAuthenticator())
      expect([refused.status, refused.json()]).toMatchObject([401, { code: 'reauthentication_required' }])
      expect(await passkeysOf(begun)).toHaveLength(1)
    })

    test('whose ceremony began in time is not kept when it ends too late', async () => {
      const begun = await setUp()
      const { org, browser } = begun
      house().clock.advance(15 * minute)
      const started = (await browser.json('/account/passkeys/start', {})).json<{
        ceremony: string
        publicKey: Parameters<Authenticator['create']>[0]
      }>()
      house().clock.advance(1)
      const response = createAuthenticator().create(started.publicKey, { origin: org.url })
      const refused = await browser.json('/account/passkeys/finish', { ceremony: started.ceremony, response })
      expect(refused.error).toBe('reauthentication_required')
      expect(await passkeysOf(begun)).toHaveLength(1)
    })

    test("of another person's ceremony is refused, and stays good for them", async () => {
      const mine = await setUp()
      const other = await mine.org.person({ passkey: true })
      const theirs = await signIn(mine.org, other.authenticator)
      const started = (await theirs.json('/account/passkeys/start', {})).json<{
        ceremony: string
        publicKey: Parameters<Authenticator['create']>[0]
      }>()
      const response = createAuthenticator().create(started.publicKey, { origin: mine.org.url })
      const answer = { ceremony: started.ceremony, response }
      const refused = await mine.browser.json('/account/passkeys/finish', answer)
      expect([refused.status, refused.error]).toEqual([400, 'ceremony_expired'])
      expect(await passkeysOf(mine)).toHaveLength(1)
      expect((await theirs.json('/account/passkeys/finish', answer)).status).toBe(200)
    })

    test('gets another name', async () => {
      const begun = await setUp()
      const { org, browser, path, id } = begun
      await browser.submit(`${path}/rename`, { name: '  My\tphone ' })
      expect(browser.at.page.codes).toEqual(['passkey_renamed'])
      expect(await passkeysOf(begun)).toMatchObject([{ name: 'My phone' }])
      expect(await org.events({ types: ['passkey.renamed'] })).toMatchObject([{ details: { credentialId: id } }])
    })

    test.each(['', '   ', 'x'.repeat(101)])('refuses the name "%s"', async (name) => {
      const begun = await setUp()
      const refused = await begun.browser.submit(`${begun.path}/rename`, { name })
      expect([refused.status, refused.error]).toEqual([400, 'passkey_name_invalid'])
      expect(await passkeysOf(begun)).toMatchObject([{ name: 'Passkey' }])
    })

    test('is removed after a question, and its owner is told', async () => {
      const begun = await setUp()
      const { org, person, browser, path, id } = begun
      await browser.open(`${path}/remove`)
      expect(await passkeysOf(begun)).toHaveLength(1)
      await browser.submit(`${path}/remove`)
      expect(browser.at.page.codes).toEqual(['passkey_removed'])
      expect(await passkeysOf(begun)).toEqual([])
      expect(await org.events({ types: ['passkey.removed'] })).toMatchObject([
        { userId: person.id, details: { credentialId: id } },
      ])
      expect((await org.mail(person.email)).map(({ subject }) => subject)).toContainEqual(
        expect.stringContaining('passkey was removed'),
      )
    })

    test('that was removed signs nobody in', async () => {
      const { org, person, browser, path } = await setUp()
      await browser.open(`${path}/remove`)
      await browser.submit(`${path}/remove`)
      const later = org.browser()
      await later.open('/sign-in')
      expect((await signInByPasskey(later, person.authenticator)).json()).toMatchObject({
        code: 'passkey_not_recognised',
      })
    })

    test('is removed by a recent proof only: the page asks for one, by the same person, and comes back', async () => {
      const begun = await setUp()
      const { org, person, browser, path } = begun
      await browser.open(`${path}/remove`)
      const { csrf = '' } = browser.form('/remove').fields
      house().clock.advance(15 * minute + 1)
      const refused = await browser.post(`${path}/remove`, { csrf })
      expect([refused.status, refused.error, refused.location]).toEqual([
        303,
        'reauthentication_required',
        '/account/confirm',
      ])
      await browser.open(`${path}/remove`)
      expect(browser.at.path).toMatch(/^\/sign-in\//)
      expect(browser.at.text).toContain(person.email)
      const other = await org.person({ passkey: true })
      const wrong = await signInByPasskey(browser, other.authenticator)
      expect([wrong.status, wrong.json()]).toMatchObject([403, { code: 'wrong_user' }])
      await signInByPasskey(browser, person.authenticator)
      expect(browser.at.path).toBe(`${path}/remove`)
      await browser.submit(`${path}/remove`)
      expect(await passkeysOf(begun)).toEqual([])
    })

    test('that is the last way in stays', async () => {
      const begun = await setUp({ isEmailVerified: false })
      const { browser, path } = begun
      await browser.open(`${path}/remove`)
      expect(browser.at.page.forms.map(({ action }) => action)).not.toContain(`${path}/remove`)
      await browser.open('/account')
      const refused = await browser.post(`${path}/remove`, formFields(browser))
      expect([refused.status, refused.error]).toEqual([409, 'last_way_to_sign_in'])
      expect(await passkeysOf(begun)).toHaveLength(1)
    })

    test('that is the last way in stays, although the two last are removed at once', async () => {
      const begun = await setUp({ isEmailVerified: false })
      const { org, person, browser } = begun
      const other = createAuthenticator()
      await givePasskey(org, person.id, other)
      const paths = (await passkeysOf(begun)).map(({ id }) => `/account/passkeys/${id}/remove`)
      const answers = await Promise.all(paths.map((path) => browser.post(path, formFields(browser))))
      expect(answers.map(({ error }) => error)).toEqual(expect.arrayContaining([undefined, 'last_way_to_sign_in']))
      expect(await passkeysOf(begun)).toHaveLength(1)
    })

    test.each([{ isEmailVerified: true }, { isEmailVerified: false, password: 'a long enough password' }])(
      'is not the last way in beside %j',
      async (input) => {
        const begun = await setUp(input)
        await begun.browser.open(`${begun.path}/remove`)
        await begun.browser.submit(`${begun.path}/remove`)
        expect(await passkeysOf(begun)).toEqual([])
      },
    )

    test('of somebody else is not found: not to rename, not to remove, not to see', async () => {
      const mine = await setUp()
      const victim = await setUp()
      const neighbour = await mine.org.person({ passkey: true })
      const ids = [victim.id, neighbour.authenticator.credentials()[0]?.id, 'nothing', '..%2f..']
      const before = await snapshot(house().ground.db)
      const { csrf } = formFields(mine.browser)
      for (const id of ids) {
        for (const answer of [
          await mine.browser.request('GET', `/account/passkeys/${id}/remove`),
          await mine.browser.post(`/account/passkeys/${id}/remove`, { csrf }),
          await mine.browser.post(`/account/passkeys/${id}/rename`, { csrf, name: 'Mine now' }),
        ])
          expect([answer.status, answer.error]).toEqual([404, 'passkey_not_found'])
      }
      expect(await snapshot(house().ground.db)).toEqual(before)
    })

    test('beyond the limit is refused', async () => {
      const org = await house().newOrg({ settings: { brand: {}, passkeyLimit: 2 } })
      const { id, authenticator } = await org.person({ passkey: true })
      await givePasskey(org, id, createAuthenticator())
      const browser = await signIn(org, authenticator)
      const refused = await browser.json('/account/passkeys/start', {})
      if (refused.status === 200) {
        const { ceremony, publicKey } = refused.json<{ ceremony: string; publicKey: never }>()
        const response = createAuthenticator().create(publicKey, { origin: org.url })
        const late = await browser.json('/account/passkeys/finish', { ceremony, response })
        expect(late.error).toBe('passkey_limit_reached')
      } else expect(refused.error).toBe('passkey_limit_reached')
      expect(await listCredentials(house().ground.db, org.id, id)).toHaveLength(2)
    })
  })

  describe('A session', () => {
    test('elsewhere is ended', async () => {
      const { org, person, browser } = await setUp()
      const elsewhere = await signIn(org, person.authenticator)
      await browser.open('/account')
      const sessions = await listSessions(house().ground.db, org.id, person.id, house().clock())
      expect(sessions).toHaveLength(2)
      const other = browser.at.page.forms.filter(({ action }) => action.endsWith('/end'))
      for (const { action, fields } of other) await browser.post(action, fields)
      await elsewhere.open('/account')
      expect(elsewhere.at.path).toMatch(/^\/sign-in\//)
      expect(await org.events({ types: ['session.ended'] })).not.toEqual([])
    })

    test('of somebody else is not found', async () => {
      const mine = await setUp()
      const neighbour = await mine.org.person({ passkey: true })
      const theirs = await signIn(mine.org, neighbour.authenticator)
      const [session] = await listSessions(house().ground.db, mine.org.id, neighbour.id, house().clock())
      const refused = await mine.browser.post(`/account/sessions/${session?.id}/end`, formFields(mine.browser))
      expect([refused.status, refused.error]).toEqual([404, 'session_not_found'])
      expect((await theirs.open('/account')).path).toBe('/account')
    })
  })
})
