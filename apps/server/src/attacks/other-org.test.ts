import { beforeAll, describe, expect, test } from 'vitest'
import { describeEachHouse } from '../testing/each-database.ts'
import {
  type Answer,
  type Browser,
  createBrowser,
  overInject,
  signInByPasskey,
  snapshot,
  type TestHouse,
  type TestOrg,
} from '../testing/index.ts'
import { type App, newApp, type Tokens } from './testing/app.ts'

const secret = 'a secret of the confidential application'

type Registered = Awaited<ReturnType<typeof newApp>>

/** Everything that somebody in one org can hold in their hands. */
type Loot = {
  org: TestOrg
  browser: Browser
  app: Registered
  confidential: App
  code: string
  tokens: Tokens
  /** An open sign-in with a code in the mail. */
  openPath: string
  csrf: string
  accountCsrf: string
  credentialId: string
  sessionPath: string
  authenticator: Awaited<ReturnType<TestOrg['person']>>['authenticator']
}

async function gather(house: TestHouse, rpId: string): Promise<Loot> {
  const org = await house.newOrg({ hasKeys: true, settings: { brand: {}, rpId } })
  const person = await org.person({ passkey: true })
  const app = await newApp(org)
  const confidential = await newApp(org, {
    applicationType: 'web',
    tokenEndpointAuthMethod: 'client_secret_post',
    secrets: [secret],
  })
  const browser = org.browser()
  const other = org.browser()
  await other.open('/sign-in')
  await signInByPasskey(other, person.authenticator)
  await browser.open('/sign-in')
  await signInByPasskey(browser, person.authenticator)
  const { page } = await browser.open('/account')
  const tokens = (await app.redeem(browser, await app.code(browser))).json<Tokens>()
  const code = await app.code(browser)
  const open = await browser.open('/sign-up')
  return {
    org,
    browser,
    app,
    confidential,
    code,
    tokens,
    openPath: open.path,
    csrf: open.page.csrf,
    accountCsrf: page.csrf,
    credentialId: person.authenticator.credentials()[0]?.id ?? '',
    sessionPath: page.forms.find(({ action }) => action.startsWith('/account/sessions/'))?.action ?? '',
    authenticator: person.authenticator,
  }
}

describeEachHouse('What belongs to one org', (house) => {
  let mine: Loot
  let theirs: TestOrg
  /** At the other org's address, with every cookie of mine. */
  let thief: Browser
  beforeAll(async () => {
    // The hardest case: both orgs under one relying party id, so that authenticators answer to either.
    const rpId = 'latchkey.test'
    mine = await gather(house(), rpId)
    theirs = await house().newOrg({ hasKeys: true, settings: { brand: {}, rpId } })
    await theirs.person({ email: `${mine.org.id.toLowerCase()}@example.com`, passkey: true })
    thief = createBrowser({ url: theirs.url, transport: overInject(house().app) })
    for (const [name, value] of mine.browser.cookies) thief.cookies.set(name, value)
  })

  const form = (path: string, fields: Record<string, string>) => thief.post(path, fields)
  const get = (path: string, headers = {}) => thief.request('GET', path, { headers })

  const attempts: readonly (readonly [string, string, () => Promise<Answer>])[] = [
    ['the page of a sign-in', 'transaction_expired', () => get(mine.openPath)],
    [
      'the end of a sign-in',
      'transaction_expired',
      () => get(`/sign-in/complete?stateToken=${mine.openPath.slice(9)}`),
    ],
    [
      'the end of an app’s sign-in',
      'transaction_expired',
      () => get(`/login/token/redirect?stateToken=${mine.openPath.slice(9)}`),
    ],
    [
      'a step',
      'transaction_expired',
      () => form(`${mine.openPath}/sign-up`, { csrf: mine.csrf, identifier: 'a@b.example' }),
    ],
    [
      'a passkey request',
      'transaction_expired',
      () => thief.json(`${mine.openPath}/passkey/start`, { mode: 'button' }, { 'x-csrf-token': mine.csrf }),
    ],
    ['a session, to sign it out', 'not_signed_in', () => form('/sign-out', { csrf: mine.accountCsrf })],
    ['a session, to end another', 'not_signed_in', () => form(mine.sessionPath, { csrf: mine.accountCsrf })],
    [
      'a session, to add a passkey',
      'not_signed_in',
      () => thief.json('/account/passkeys/start', {}, { 'x-csrf-token': mine.accountCsrf }),
    ],
    [
      'a passkey, to rename',
      'not_signed_in',
      () => form(`/account/passkeys/${mine.credentialId}/rename`, { csrf: mine.accountCsrf, name: 'x' }),
    ],
    [
      'a passkey, to remove',
      'not_signed_in',
      () => form(`/account/passkeys/${mine.credentialId}/remove`, { csrf: mine.accountCsrf }),
    ],
    ['a session, silently for an app', 'client_unknown', () => get(mine.app.authorizePath({ prompt: 'none' }))],
    ['a client, to authorize', 'client_unknown', () => get(mine.app.authorizePath())],
    ['a client, to sign out', 'client_unknown', () => get(`/oauth2/default/v1/logout?client_id=${mine.app.client.id}`)],
    ['a client that proves itself', 'client_not_found', () => mine.confidential.redeem(thief, mine.code)],
    ['a code, by its client', 'client_not_found', () => mine.app.redeem(thief, mine.code)],
    ['a refresh token, by its client', 'client_not_found', () => mine.app.refresh(thief, mine.tokens.refresh_token)],
    ['an access token', 'token_issuer_mismatch', () => mine.app.userinfo(thief, mine.tokens.access_token)],
    [
      'an ID token as a hint',
      'id_token_hint_invalid',
      () => get(`/oauth2/default/v1/logout?id_token_hint=${mine.tokens.id_token}`),
    ],
  ]

  test.each(attempts)('is refused at another: %s (%s)', async (_what, reason, attempt) => {
    const before = await snapshot(house().ground.db)
    expect((await attempt()).error).toBe(reason)
    expect(await snapshot(house().ground.db)).toEqual(before)
  })

  describe('is unknown to a client of the other org', () => {
    test.each<[string, string, (app: App) => Promise<Answer>]>([
      ['a code', 'code_unknown', (app) => app.redeem(thief, mine.code)],
      ['a refresh token', 'refresh_token_unknown', (app) => app.refresh(thief, mine.tokens.refresh_token)],
    ])('%s', async (_what, reason, attempt) => {
      const app = await newApp(theirs)
      const before = await snapshot(house().ground.db)
      expect((await attempt(app)).error).toBe(reason)
      expect(await snapshot(house().ground.db)).toEqual(before)
    })

    test('even one with the same client id', async () => {
      const twin = await newApp(theirs, { id: mine.app.client.id })
      expect((await twin.redeem(thief, mine.code)).error).toBe('code_unknown')
      expect((await twin.refresh(thief, mine.tokens.refresh_token)).error).toBe('refresh_token_unknown')
      expect((await twin.userinfo(thief, mine.tokens.access_token)).error).toBe('token_issuer_mismatch')
    })
  })

  test('opens nothing there: its session cookie is nobody’s', async () => {
    const account = await get('/account')
    expect([account.status, account.location?.slice(0, 9)]).toEqual([303, '/sign-in/'])
    const client = await newApp(theirs)
    const silent = await get(client.authorizePath({ prompt: 'none' }))
    expect(URL.parse(silent.location ?? '')?.searchParams.get('error')).toBe('login_required')
  })

  test('is not known by its passkey, although both orgs have one relying party id', async () => {
    const browser = theirs.browser()
    await browser.open('/sign-in')
    const { start = '', finish = '' } = browser.at.page.script ?? {}
    const { ceremony, publicKey } = (await browser.json(start, { mode: 'button' })).json<{
      ceremony: string
      publicKey: { rpId: string; challenge: string }
    }>()
    expect(publicKey.rpId).toBe('latchkey.test')
    const response = mine.authenticator.get(publicKey, { origin: theirs.url, credentialId: mine.credentialId })
    const answer = await browser.json(finish, { ceremony, response })
    expect([answer.status, answer.error]).toEqual([401, 'passkey_not_recognised'])
  })

  test('is not answered by a ceremony of the other, and that one stays good', async () => {
    const [here, there] = [mine.org.browser(), theirs.browser()]
    await here.open('/sign-in')
    await there.open('/sign-in')
    const begun = await here.json(here.at.page.script?.start ?? '', { mode: 'button' })
    const { ceremony, publicKey } = begun.json<{ ceremony: string; publicKey: { rpId: string; challenge: string } }>()
    const response = mine.authenticator.get(publicKey, { origin: mine.org.url, credentialId: mine.credentialId })
    expect((await there.json(there.at.page.script?.finish ?? '', { ceremony, response })).error).toBe(
      'ceremony_expired',
    )
    expect((await here.json(here.at.page.script?.finish ?? '', { ceremony, response })).status).toBe(200)
  })

  test('publishes its own keys, and names itself', async () => {
    const kids = async (org: TestOrg) => {
      const { keys } = (await org.browser().request('GET', '/oauth2/default/v1/keys')).json<{
        keys: { kid: string }[]
      }>()
      return keys.map(({ kid }) => kid)
    }
    const [here, there] = [await kids(mine.org), await kids(theirs)]
    expect(here.length).toBeGreaterThan(0)
    expect(here.filter((kid) => there.includes(kid))).toEqual([])
    const claims = JSON.parse(Buffer.from(mine.tokens.id_token.split('.')[1] ?? '', 'base64url').toString())
    expect(claims.iss).toBe(`${mine.org.url}/oauth2/default`)
  })

  test('leaves no trace of whoever owns it in the other’s audit', async () => {
    const told = JSON.stringify(await theirs.events())
    expect(told).toContain('transaction_expired')
    for (const id of [mine.org.id, mine.tokens.access_token, mine.code, mine.tokens.refresh_token])
      expect(told).not.toContain(id)
    // Still all there, and still good.
    expect((await mine.app.redeem(mine.browser, mine.code)).status).toBe(200)
    expect((await mine.app.userinfo(mine.browser, mine.tokens.access_token)).status).toBe(200)
    expect((await mine.browser.open('/account')).path).toBe('/account')
  })
})
