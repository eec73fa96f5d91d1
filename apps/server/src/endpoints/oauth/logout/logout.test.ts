import { beforeAll, describe, expect, test } from 'vitest'
import { hour } from '../../../platform/clock.ts'
import { databases } from '../../../platform/database/testing.ts'
import type { Client } from '../../../records/clients/index.ts'
import { listEvents } from '../../../records/events/index.ts'
import { findSession } from '../../../records/sessions/index.ts'
import type { User } from '../../../records/users/index.ts'
import {
  addClient,
  addUser,
  type Browser,
  encode,
  firstOrg,
  form,
  getCode,
  openTestHouse,
  type Parameters,
  postToken,
  reasonOf,
  redeem,
  signIn,
  type TestHouse,
} from '../testing.ts'

let house: TestHouse
let client: Client
let user: User
let browser: Browser
let tokens: { access_token: string; id_token: string; refresh_token?: string }
const base = '/oauth2/default/v1'
const after = 'https://app.example/signed-out'

beforeAll(async () => {
  const [sqlite] = databases
  if (!sqlite) throw new Error('no database')
  house = await openTestHouse(await sqlite.open())
  client = await addClient(house, { post_logout_redirect_uris: [after, `${after}?kept=yes`] })
  user = await addUser(house)
})

/** A browser that is signed in to the client. */
async function begin(scope = 'openid') {
  browser = await signIn(house, user)
  tokens = (await redeem(house, client, await getCode(house, client, browser, { scope }))).json()
}

async function logout(parameters: Parameters, { cookie } = browser) {
  const url = `${base}/logout?${encode(parameters)}`
  return await house.app.inject({ method: 'GET', url, headers: { host: 'localhost', cookie } })
}

const isSignedIn = async () => (await findSession(house.db, firstOrg, browser.session.id, house.now())) !== undefined

describe('OpenID Connect RP-Initiated Logout §2 with an ID token', () => {
  test('ends the session, takes the cookie and goes back to the client with the state', async () => {
    await begin()
    const response = await logout({ id_token_hint: tokens.id_token, post_logout_redirect_uri: after, state: 'a b' })
    expect(response.statusCode).toBe(303)
    expect(response.headers.location).toBe(`${after}?state=a+b`)
    expect(String(response.headers['set-cookie'])).toMatch(/latchkey\.session=; .*Max-Age=0/)
    expect(await isSignedIn()).toBe(false)
    const types = ['session.ended', 'logout.finished'] as const
    const events = await listEvents(house.db, firstOrg, { limit: 2, types, newestFirst: true })
    expect(events.map(({ name }) => name).toSorted()).toEqual(['logout.finished', 'session.ended'])
    expect(events[0]).toMatchObject({ userId: user.id, clientId: client.id })
  })

  test('keeps what the address had in its query', async () => {
    await begin()
    const uri = `${after}?kept=yes`
    const response = await logout({ id_token_hint: tokens.id_token, post_logout_redirect_uri: uri, state: 'x' })
    expect(response.headers.location).toBe(`${uri}&state=x`)
  })

  test('that has expired will do', async () => {
    await begin()
    house.pass(2 * hour)
    await logout({ id_token_hint: tokens.id_token })
    expect(await isSignedIn()).toBe(false)
  })

  test('shows a page where there is nowhere to go', async () => {
    await begin()
    const response = await logout({ id_token_hint: tokens.id_token })
    expect(response.statusCode).toBe(200)
    expect(response.headers['content-type']).toMatch(/^text\/html/)
    expect(response.headers['content-security-policy']).toContain("frame-ancestors 'none'")
  })

  test('goes back to the client also when nobody is signed in any more', async () => {
    await begin()
    await logout({ id_token_hint: tokens.id_token })
    const again = await logout({ id_token_hint: tokens.id_token, post_logout_redirect_uri: after })
    expect(again.headers.location).toBe(after)
  })

  test('ends what the session’s clients got, but not what was granted for offline use', async () => {
    await begin('openid offline_access')
    const offline = tokens
    const online = (await redeem(house, client, await getCode(house, client, browser, { scope: 'openid' }))).json()
    await logout({ id_token_hint: tokens.id_token })
    const userinfo = (token: string) =>
      house.app.inject({ method: 'GET', url: `${base}/userinfo`, headers: { authorization: `Bearer ${token}` } })
    expect(reasonOf(await userinfo(online.access_token))).toBe('token_revoked')
    const refresh = { grant_type: 'refresh_token', refresh_token: offline.refresh_token, client_id: client.id }
    expect((await postToken(house, refresh)).statusCode).toBe(200)
  })

  test('that is posted comes back as a GET', async () => {
    await begin()
    const payload = encode({ id_token_hint: tokens.id_token })
    const response = await house.app.inject({ method: 'POST', url: `${base}/logout`, headers: form, payload })
    expect([response.statusCode, response.headers.location]).toEqual([303, `${base}/logout?${payload}`])
    expect(await isSignedIn()).toBe(true)
  })
})

describe('An address that the client did not register', () => {
  test.each([
    ['another host', 'https://evil.example/signed-out'],
    ['a slash more', `${after}/`],
    ['another parameter', `${after}?x=1`],
    ['one for signing in', 'https://app.example/callback'],
  ])('is never gone to, and nobody is signed out: %s', async (_, uri) => {
    await begin()
    const response = await logout({ id_token_hint: tokens.id_token, post_logout_redirect_uri: uri })
    expect(response.statusCode).toBe(400)
    expect(reasonOf(response)).toBe('post_logout_redirect_uri_not_registered')
    expect(response.headers.location).toBeUndefined()
    expect(await isSignedIn()).toBe(true)
    const [event] = await listEvents(house.db, firstOrg, { limit: 1, types: ['logout.refused'], newestFirst: true })
    expect(event).toMatchObject({ reason: 'post_logout_redirect_uri_not_registered' })
  })

  test('is not gone to without a client that could have registered it', async () => {
    expect(reasonOf(await logout({ post_logout_redirect_uri: after }))).toBe('logout_client_unknown')
    const nobody = { client_id: 'nobody', post_logout_redirect_uri: after }
    expect(reasonOf(await logout(nobody))).toBe('client_unknown')
  })
})

describe('A hint that vouches for nothing', () => {
  test('because it is no ID token of this issuer, or not of the client that is named', async () => {
    await begin()
    const own = tokens.id_token
    const code = await getCode(house, client, browser, { base: '/oauth2/v1' })
    const ofOrg = (await redeem(house, client, code, { base: '/oauth2/v1' })).json().id_token
    for (const hint of [tokens.access_token, ofOrg, `${own.slice(0, -4)}AAAA`, 'nonsense'])
      expect(reasonOf(await logout({ id_token_hint: hint }))).toBe('id_token_hint_invalid')
    const other = await addClient(house, {})
    expect(reasonOf(await logout({ id_token_hint: own, client_id: other.id }))).toBe('logout_client_mismatch')
    expect(await isSignedIn()).toBe(true)
  })

  test('because somebody else is signed in: the person is asked', async () => {
    await begin()
    const stranger = tokens.id_token
    user = await addUser(house)
    await begin()
    const response = await logout({ id_token_hint: stranger, post_logout_redirect_uri: after })
    expect(response.statusCode).toBe(200)
    expect(await isSignedIn()).toBe(true)
  })
})

describe('A request to sign out without a hint', () => {
  const fieldsOf = (page: string) =>
    Object.fromEntries(
      [...page.matchAll(/<input [^>]*>/g)].map(([input]) => [
        /name="([^"]*)"/.exec(input)?.[1],
        /value="([^"]*)"/.exec(input)?.[1] ?? '',
      ]),
    )
  const confirm = async (parameters: Parameters, headers: Record<string, string> = {}) =>
    await house.app.inject({
      method: 'POST',
      url: `${base}/logout/confirm`,
      headers: { host: 'localhost', cookie: browser.cookie, ...form, ...headers },
      payload: encode(parameters),
    })

  test('asks the person, and signs out when they say yes', async () => {
    await begin()
    const page = await logout({ client_id: client.id, post_logout_redirect_uri: after, state: 's' })
    expect(page.statusCode).toBe(200)
    expect(await isSignedIn()).toBe(true)
    expect(page.body).toContain(`action="${base}/logout/confirm"`)
    const response = await confirm(fieldsOf(page.body))
    expect([response.statusCode, response.headers.location]).toEqual([303, `${after}?state=s`])
    expect(await isSignedIn()).toBe(false)
  })

  test('does not sign out without our page’s token, with another session’s, or from another site', async () => {
    await begin()
    const theirs = fieldsOf((await logout({})).body)
    await begin()
    const own = fieldsOf((await logout({})).body)
    expect(reasonOf(await confirm({}))).toBe('csrf_token_invalid')
    expect(reasonOf(await confirm(theirs))).toBe('csrf_token_invalid')
    expect(reasonOf(await confirm(own, { origin: 'https://evil.example' }))).toBe('cross_site_request')
    expect(await isSignedIn()).toBe(true)
  })

  test('does not go where the form was changed to', async () => {
    await begin()
    const fields = fieldsOf((await logout({ client_id: client.id, post_logout_redirect_uri: after })).body)
    const response = await confirm({ ...fields, post_logout_redirect_uri: 'https://evil.example/' })
    expect(reasonOf(response)).toBe('post_logout_redirect_uri_not_registered')
    expect(await isSignedIn()).toBe(true)
  })
})
