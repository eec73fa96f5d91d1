import type { Authenticator, CreateOptions, GetOptions } from '@latchkey/webauthn/testing'
import { expect, test } from 'vitest'
import { describeEachHouse } from '../testing/each-database.ts'
import {
  type Answer,
  addPasskeyInBrowser,
  type Browser,
  signInByCode,
  signInByPasskey,
  snapshot,
  type TestOrg,
} from '../testing/index.ts'

type Begun<Options> = { ceremony: string; publicKey: Options; finish: string; csrf: string }

const begin = async <Options>(browser: Browser, input: object): Promise<Begun<Options>> => {
  const { script, csrf } = browser.at.page
  const started = await browser.json(script?.start ?? '', input)
  expect(started.status).toBe(200)
  return { ...started.json<{ ceremony: string; publicKey: Options }>(), finish: script?.finish ?? '', csrf }
}
const beginSignIn = (browser: Browser) => begin<GetOptions>(browser, { mode: 'button' })
const beginEnrolment = (browser: Browser) => begin<CreateOptions>(browser, {})

const finish = (
  browser: Browser,
  { finish: url, csrf }: Pick<Begun<unknown>, 'finish' | 'csrf'>,
  ceremony: string,
  response: unknown,
) => browser.json(url, { ceremony, response }, { 'x-csrf-token': csrf })

const said = ({ status, error }: Answer) => [status, error]
const expired = [400, 'ceremony_expired']

describeEachHouse('A ceremony that was begun for one and is finished for another', (house) => {
  const atSignIn = async (org: TestOrg) => {
    const browser = org.browser()
    await browser.open('/sign-in')
    return browser
  }
  const atEnrolment = async (org: TestOrg) => {
    const person = await org.person()
    const browser = await atSignIn(org)
    await signInByCode(org, browser, person.email)
    return { browser, person }
  }
  const assertion = (org: TestOrg, authenticator: Authenticator, options: GetOptions) =>
    authenticator.get(options, { origin: org.url })
  const attestation = (org: TestOrg, authenticator: Authenticator, options: CreateOptions) =>
    authenticator.create(options, { origin: org.url })

  test('browser: it is refused, and stays good for its own', async () => {
    const org = await house().newOrg()
    const { authenticator } = await org.person({ passkey: true })
    const [mine, theirs] = [await atSignIn(org), await atSignIn(org)]
    const begun = await beginSignIn(mine)
    const other = await beginSignIn(theirs)
    const response = assertion(org, authenticator, begun.publicKey)
    expect(said(await finish(theirs, other, begun.ceremony, response))).toEqual(expired)
    // Nor does the address of the one do with the browser of the other.
    expect((await finish(theirs, begun, begun.ceremony, response)).error).toBe('transaction_expired')
    expect((await finish(mine, begun, begun.ceremony, response)).status).toBe(200)
  })

  test('sign-in of the same browser: it is refused', async () => {
    const org = await house().newOrg()
    const { authenticator } = await org.person({ passkey: true })
    const browser = await atSignIn(org)
    const first = await beginSignIn(browser)
    await browser.open('/sign-in')
    const second = await beginSignIn(browser)
    const response = assertion(org, authenticator, first.publicKey)
    expect(said(await finish(browser, second, first.ceremony, response))).toEqual(expired)
  })

  test('challenge: the response to one does not answer the other, which is spent', async () => {
    const org = await house().newOrg()
    const { authenticator } = await org.person({ passkey: true })
    const browser = await atSignIn(org)
    const [first, second] = [await beginSignIn(browser), await beginSignIn(browser)]
    const swapped = await finish(browser, first, first.ceremony, assertion(org, authenticator, second.publicKey))
    expect(said(swapped)).toEqual([401, 'passkey_refused'])
    expect(swapped.json()).toMatchObject({ reason: 'challenge_mismatch' })
    const late = await finish(browser, first, first.ceremony, assertion(org, authenticator, first.publicKey))
    expect(said(late)).toEqual(expired)
  })

  test('purpose: a sign-in is no registration, and the other way round', async () => {
    const org = await house().newOrg()
    const { browser, person } = await atEnrolment(org)
    const enrolment = await beginEnrolment(browser)
    const elsewhere = await atSignIn(org)
    const signIn = await beginSignIn(elsewhere)
    const before = await snapshot(house().ground.db)
    const created = attestation(org, person.authenticator, enrolment.publicKey)
    expect(said(await finish(elsewhere, signIn, enrolment.ceremony, created))).toEqual(expired)
    expect(said(await finish(browser, enrolment, signIn.ceremony, created))).toEqual(expired)
    expect(await snapshot(house().ground.db)).toEqual(before)
  })

  test('user: a passkey that one person began to make does not become the other’s', async () => {
    const org = await house().newOrg()
    const [mine, theirs] = [await atEnrolment(org), await atEnrolment(org)]
    const begun = await beginEnrolment(mine.browser)
    const other = await beginEnrolment(theirs.browser)
    const response = attestation(org, theirs.person.authenticator, begun.publicKey)
    expect(said(await finish(theirs.browser, other, begun.ceremony, response))).toEqual(expired)
    expect(
      (await snapshot(house().ground.db)).credential?.filter(
        (row) => row.includes(mine.person.id) || row.includes(theirs.person.id),
      ),
    ).toEqual([])
  })

  test('place: a passkey begun at the end of a sign-in is not finished on the account page', async () => {
    const org = await house().newOrg()
    const { browser, person } = await atEnrolment(org)
    const begun = await beginEnrolment(browser)
    await addPasskeyInBrowser(browser, person.authenticator)
    const account = await browser.open('/account')
    const response = attestation(org, (await org.person()).authenticator, begun.publicKey)
    const target = { finish: account.page.script?.finish ?? '', csrf: account.page.csrf }
    expect(said(await finish(browser, target, begun.ceremony, response))).toEqual(expired)
  })

  test('re-authentication: another person’s passkey does not confirm it, and signs nobody in', async () => {
    const org = await house().newOrg()
    const [owner, other] = [await org.person({ passkey: true }), await org.person({ passkey: true })]
    const browser = await atSignIn(org)
    await signInByPasskey(browser, owner.authenticator)
    const session = browser.cookies.get('__Host-latchkey.session')
    house().clock.advance(16 * 60_000)
    const passkey = owner.authenticator.credentials()[0]?.id ?? ''
    await browser.open(`/account/passkeys/${passkey}/remove`)
    const begun = await beginSignIn(browser)
    const response = assertion(org, other.authenticator, { ...begun.publicKey, allowCredentials: [] })
    expect(said(await finish(browser, begun, begun.ceremony, response))).toEqual([403, 'wrong_user'])
    expect(browser.cookies.get('__Host-latchkey.session')).toBe(session)
  })
})

describeEachHouse('Fifty at once', (house) => {
  test('answer one challenge: one counts, one session starts, and the others are refused', async () => {
    const org = await house().newOrg()
    const person = await org.person({ passkey: true })
    const browser = org.browser()
    await browser.open('/sign-in')
    const begun = await beginSignIn(browser)
    const response = person.authenticator.get(begun.publicKey, { origin: org.url })
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => finish(browser, begun, begun.ceremony, response)),
    )
    const won = answers.filter(({ status }) => status === 200)
    expect(won).toHaveLength(1)
    expect(won[0]?.setCookies).toHaveLength(1)
    const lost = new Set(answers.filter((answer) => !won.includes(answer)).map(({ error }) => error))
    expect(
      [...lost].filter((error) => !['ceremony_expired', 'step_not_open', 'transaction_changed'].includes(error ?? '')),
    ).toEqual([])
    const { browser_session: sessions = [] } = await snapshot(house().ground.db)
    expect(sessions.filter((row) => row.includes(person.id))).toHaveLength(1)
    expect((await org.events({ types: ['session.started'] })).length).toBe(1)
  })

  test('create one passkey: one is kept', async () => {
    const org = await house().newOrg()
    const person = await org.person()
    const browser = org.browser()
    await browser.open('/sign-in')
    await signInByCode(org, browser, person.email)
    const begun = await beginEnrolment(browser)
    const response = person.authenticator.create(begun.publicKey, { origin: org.url })
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => finish(browser, begun, begun.ceremony, response)),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status >= 500)).toEqual([])
    expect((await org.events({ types: ['passkey.created'] })).length).toBe(1)
  })
})
