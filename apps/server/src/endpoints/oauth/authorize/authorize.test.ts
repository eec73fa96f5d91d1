import { beforeAll, describe, expect, test } from 'vitest'
import { minute } from '../../../platform/clock.ts'
import { inTransaction } from '../../../platform/database/index.ts'
import { databases } from '../../../platform/database/testing.ts'
import { type Client, saveClient } from '../../../records/clients/index.ts'
import { listEvents } from '../../../records/events/index.ts'
import { listPolicies, type RuleId, savePolicy } from '../../../records/policies/index.ts'
import { setUserStatus, type User } from '../../../records/users/index.ts'
import {
  addClient,
  addUser,
  authorizeQuery,
  type Browser,
  firstOrg,
  form,
  getCode,
  openTestHouse,
  type Parameters,
  reasonOf,
  redeem,
  redirectOf,
  secondHost,
  secondOrg,
  signIn,
  type TestHouse,
} from '../testing.ts'

let house: TestHouse
let client: Client
let user: User
let browser: Browser

beforeAll(async () => {
  const [sqlite] = databases
  if (!sqlite) throw new Error('no database')
  house = await openTestHouse(await sqlite.open())
  client = await addClient(house, {
    redirect_uris: ['https://app.example/callback', 'https://app.example/other?kept=yes'],
  })
  user = await addUser(house)
  browser = await signIn(house, user)
})

type Asking = { query?: string; base?: string; host?: string; cookie?: string | undefined }

async function ask(
  changes: Parameters = {},
  { query, base = '/oauth2/default/v1', host = 'localhost', ...rest }: Asking = {},
) {
  const cookie = 'cookie' in rest ? rest.cookie : browser.cookie
  const url = `${base}/authorize?${query ?? authorizeQuery(client, changes)}`
  return await house.app.inject({ method: 'GET', url, headers: { host, ...(cookie && { cookie }) } })
}

describe('An authorization request of somebody who is signed in', () => {
  test('is answered with a code, the state and the issuer, and with nothing else', async () => {
    const response = await ask()
    expect(response.statusCode).toBe(303)
    expect(response.headers['cache-control']).toBe('no-store')
    const { to, parameters } = redirectOf(response)
    expect(to).toBe('https://app.example/callback')
    expect(parameters).toEqual({
      code: expect.stringMatching(/^[\w-]{43}$/),
      state: 'a state',
      iss: 'http://localhost:8080/oauth2/default',
    })
  })

  test('names the bare origin as the issuer for the org itself', async () => {
    const { parameters } = redirectOf(await ask({}, { base: '/oauth2/v1' }))
    expect(parameters.iss).toBe('http://localhost:8080')
  })

  test('keeps what the redirect URI had in its query', async () => {
    const response = await ask({ redirect_uri: 'https://app.example/other?kept=yes' })
    expect(response.headers.location).toMatch(/^https:\/\/app\.example\/other\?kept=yes&code=/)
  })

  test('is answered in the fragment, or with a form that posts itself, where the client wants that', async () => {
    const fragment = await ask({ response_mode: 'fragment' })
    expect(fragment.headers.location).toMatch(/^https:\/\/app\.example\/callback#code=[\w-]{43}&state=a\+state&iss=/)
    const posted = await ask({ response_mode: 'form_post', state: '"><script>alert(1)</script>' })
    expect(posted.statusCode).toBe(200)
    expect(posted.headers['content-security-policy']).toContain("form-action 'self' https://app.example;")
    expect(posted.body).toContain('action="https://app.example/callback"')
    expect(posted.body).toContain('name="code"')
    expect(posted.body).not.toContain('<script>alert')
  })

  test('that is posted comes back as a GET, so that cookies come along, and loses nothing', async () => {
    const payload = authorizeQuery(client)
    const response = await house.app.inject({
      method: 'POST',
      url: '/oauth2/default/v1/authorize',
      headers: form,
      payload,
    })
    expect(response.statusCode).toBe(303)
    expect(response.headers.location).toBe(`/oauth2/default/v1/authorize?${payload}`)
    const twice = `${payload}&scope=openid`
    const repeated = await house.app.inject({
      method: 'POST',
      url: '/oauth2/default/v1/authorize',
      headers: form,
      payload: twice,
    })
    expect(repeated.headers.location).toContain('scope=openid+profile+email&scope=openid')
  })

  test('records the grant with the client and the user', async () => {
    const [event] = await listEvents(house.db, firstOrg, { limit: 1, types: ['grant.created'], newestFirst: true })
    expect(event).toMatchObject({ outcome: 'SUCCESS', userId: user.id, clientId: client.id })
  })
})

describe('RFC 9700 §4.1 a redirect URI that the client did not register', () => {
  test.each([
    ['another case of the host', 'https://APP.example/callback'],
    ['another case of the path', 'https://app.example/Callback'],
    ['a slash at the end', 'https://app.example/callback/'],
    ['a parameter more', 'https://app.example/callback?x=1'],
    ['a parameter less', 'https://app.example/other'],
    ['a fragment', 'https://app.example/callback#x'],
    ['the default port', 'https://app.example:443/callback'],
    ['another port', 'https://app.example:8443/callback'],
    ['a user before the host', 'https://app.example@evil.example/callback'],
    ['a host that begins alike', 'https://app.example.evil.example/callback'],
    ['a dot segment', 'https://app.example/x/../callback'],
    ['an encoded dot segment', 'https://app.example/%2e%2e/callback'],
    ['a backslash', 'https://app.example\\@evil.example/callback'],
    ['an encoded letter', 'https://app.example/%63allback'],
    ['letters that look alike', 'https://аpp.example/callback'],
    ['http', 'http://app.example/callback'],
    ['a script', 'javascript:alert(1)//https://app.example/callback'],
    ['a line break', 'https://app.example/callback\r\nx: y'],
    ['white space around', ' https://app.example/callback'],
  ])('is never redirected to: %s', async (_, uri) => {
    const response = await ask({ redirect_uri: uri })
    expect(response.statusCode).toBe(400)
    expect(response.headers.location).toBeUndefined()
    expect(reasonOf(response)).toBe('redirect_uri_not_registered')
    expect(response.headers['content-type']).toMatch(/^text\/html/)
  })

  test('given twice, or not at all, is not chosen from', async () => {
    const twice = `${authorizeQuery(client)}&redirect_uri=https%3A%2F%2Fevil.example`
    expect(reasonOf(await ask({}, { query: twice }))).toBe('duplicate_parameter')
    expect((await ask({}, { query: twice })).headers.location).toBeUndefined()
    expect(reasonOf(await ask({ redirect_uri: undefined }))).toBe('redirect_uri_missing')
  })

  test('may differ in its port for a native client on this machine, and in nothing else', async () => {
    const native = await addClient(house, { application_type: 'native', redirect_uris: ['http://127.0.0.1/callback'] })
    const to = (redirect_uri: string) => ask({}, { query: authorizeQuery(native, { redirect_uri }) })
    expect(redirectOf(await to('http://127.0.0.1:51234/callback')).to).toBe('http://127.0.0.1:51234/callback')
    for (const uri of [
      'http://127.0.0.2:51234/callback',
      'http://127.0.0.1:51234/other',
      'http://127.0.0.1:80@evil/callback',
    ])
      expect(reasonOf(await to(uri))).toBe('redirect_uri_not_registered')
  })
})

describe('A request whose client is not to be trusted', () => {
  test.each([
    ['is unknown', { client_id: 'nobody' }, 'client_unknown'],
    ['is missing', { client_id: undefined }, 'client_unknown'],
  ])('is answered on a page when the client %s', async (_, changes, reason) => {
    const response = await ask(changes)
    expect(response.statusCode).toBe(400)
    expect(reasonOf(response)).toBe(reason)
  })

  test('is answered on a page when the client was switched off or serves itself', async () => {
    const off = await addClient(house, { status: 'inactive' })
    expect(reasonOf(await ask({}, { query: authorizeQuery(off) }))).toBe('client_not_active')
    const service = await addClient(house, { application_type: 'service', client_secret: 'a long secret' })
    const query = authorizeQuery(service, { redirect_uri: 'https://app.example/callback' })
    expect(reasonOf(await ask({}, { query }))).toBe('client_type_not_allowed')
  })

  test('is answered on a page when the client belongs to another org', async () => {
    expect(reasonOf(await ask({}, { host: secondHost }))).toBe('client_unknown')
  })

  test('leaves a trace with the reason', async () => {
    await ask({ client_id: 'nobody' })
    const [event] = await listEvents(house.db, firstOrg, { limit: 1, types: ['authorize.refused'], newestFirst: true })
    expect(event).toMatchObject({ outcome: 'FAILURE', reason: 'client_unknown' })
  })
})

describe('RFC 6749 §4.1.2.1 a refusal that the client is told', () => {
  test.each([
    [
      'no PKCE challenge',
      { code_challenge: undefined, code_challenge_method: undefined },
      'pkce_challenge_required',
      'invalid_request',
    ],
    ['a plain challenge', { code_challenge_method: 'plain' }, 'pkce_method_unsupported', 'invalid_request'],
    ['a challenge that is too short', { code_challenge: 'short' }, 'pkce_challenge_malformed', 'invalid_request'],
    ['a scope that nobody knows', { scope: 'openid nothing' }, 'scope_unknown', 'invalid_scope'],
    ['another response type', { response_type: 'token' }, 'response_type_unsupported', 'unsupported_response_type'],
    [
      'a response mode that nobody knows',
      { response_mode: 'pigeon' },
      'response_mode_unsupported',
      'unsupported_response_mode',
    ],
    ['a hint that is no token', { id_token_hint: 'nonsense' }, 'id_token_hint_invalid', 'invalid_request'],
  ])('comes with error, state and issuer: %s', async (_, changes, reason, error) => {
    const response = await ask(changes)
    expect(response.statusCode).toBe(303)
    expect(reasonOf(response)).toBe(reason)
    const { to, parameters } = redirectOf(response)
    expect(to).toBe('https://app.example/callback')
    expect(parameters).toEqual({
      error,
      error_description: expect.stringMatching(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/),
      state: 'a state',
      iss: 'http://localhost:8080/oauth2/default',
    })
  })

  test('comes where the answer would have come', async () => {
    const response = await ask({ scope: 'nothing', response_mode: 'fragment' })
    expect(response.headers.location).toMatch(/^https:\/\/app\.example\/callback#error=invalid_scope&/)
  })

  test('comes without a state that was given twice', async () => {
    const response = await ask({}, { query: `${authorizeQuery(client)}&state=another` })
    expect(reasonOf(response)).toBe('duplicate_parameter')
    expect(redirectOf(response).parameters).not.toHaveProperty('state')
  })

  test('is recorded with its client', async () => {
    await ask({ scope: 'openid nothing' })
    const [event] = await listEvents(house.db, firstOrg, { limit: 1, types: ['authorize.refused'], newestFirst: true })
    expect(event).toMatchObject({ reason: 'scope_unknown', clientId: client.id })
  })
})

describe('OpenID Connect Core §3.1.2.1 prompt and max_age', () => {
  test('prompt=none gives login_required, without a page and without a cookie, to somebody who is not signed in', async () => {
    const response = await ask({ prompt: 'none' }, { cookie: undefined })
    expect(reasonOf(response)).toBe('login_required')
    expect(redirectOf(response).parameters.error).toBe('login_required')
    expect(response.headers['set-cookie']).toBeUndefined()
  })

  test('prompt=none gives a code to somebody who is', async () => {
    expect(redirectOf(await ask({ prompt: 'none' })).parameters).toHaveProperty('code')
  })

  test('prompt=none gives consent_required where the user would be asked', async () => {
    const asking = await addClient(house, { consent: 'required' })
    const response = await ask({}, { query: authorizeQuery(asking, { prompt: 'none' }) })
    expect(reasonOf(response)).toBe('consent_required')
  })

  test('nobody is asked to consent to openid alone', async () => {
    const asking = await addClient(house, { consent: 'required' })
    const query = authorizeQuery(asking, { prompt: 'none', scope: 'openid' })
    expect(redirectOf(await ask({}, { query })).parameters).toHaveProperty('code')
  })

  test('prompt=login, a proof that is too old, and prompt=create lead to the pages', async () => {
    const earlier = await signIn(house, user, { at: house.now() - 10 * minute })
    for (const changes of [{ prompt: 'login' }, { max_age: '60' }, { prompt: 'create' }, { prompt: 'consent' }]) {
      const response = await ask(changes, { cookie: earlier.cookie })
      expect(response.statusCode).toBe(303)
      expect(response.headers.location).toMatch(/^\/sign-in\/02\.[\w-]{43}$/)
    }
    const recent = await ask({ max_age: '3600' }, { cookie: earlier.cookie })
    expect(redirectOf(recent).parameters).toHaveProperty('code')
  })

  test('prompt=none with a proof that is too old gives login_required', async () => {
    const earlier = await signIn(house, user, { at: house.now() - 10 * minute })
    expect(reasonOf(await ask({ prompt: 'none', max_age: '60' }, { cookie: earlier.cookie }))).toBe('login_required')
  })

  test('somebody who is not signed in gets a page of this browser alone', async () => {
    const response = await ask({}, { cookie: undefined })
    expect(response.headers.location).toMatch(/^\/sign-in\/02\./)
    expect(String(response.headers['set-cookie'])).toMatch(
      /^latchkey\.browser=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/,
    )
  })

  test('somebody whom a policy keeps out of the app is told so at the client', async () => {
    const closed = await addClient(house, {})
    const [policy] = (await listPolicies(house.db, firstOrg)).filter(({ type }) => type === 'app-access')
    if (policy?.type !== 'app-access') throw new Error('no policy')
    const actions = { access: 'deny', factors: 'any', passkeySatisfiesTwo: true } as const
    const conditions = { clients: [closed.id] }
    const rule = {
      id: '0prClosed' as RuleId,
      name: 'Closed',
      priority: 0,
      status: 'active',
      conditions,
      actions,
    } as const
    const rules = [rule, ...policy.rules.map((other) => ({ ...other, priority: other.priority + 1 }))]
    await inTransaction(house.db, (tx) => savePolicy(tx, firstOrg, { ...policy, rules }, house.now()))
    const response = await ask({}, { query: authorizeQuery(closed) })
    expect(reasonOf(response)).toBe('access_denied')
    expect(redirectOf(response).parameters).toMatchObject({ error: 'access_denied', state: 'a state' })
  })

  test('a user who was suspended meanwhile is not signed in', async () => {
    const suspended = await addUser(house)
    const { cookie } = await signIn(house, suspended)
    await inTransaction(house.db, (tx) => setUserStatus(tx, firstOrg, suspended.id, 'suspended', house.now()))
    expect(reasonOf(await ask({ prompt: 'none' }, { cookie }))).toBe('login_required')
  })
})

describe('An id_token_hint', () => {
  const idTokenOf = async (someone: Browser, for_ = client): Promise<string> => {
    const tokens = await redeem(house, for_, await getCode(house, for_, someone))
    return tokens.json().id_token
  }

  test('of the user who is signed in changes nothing', async () => {
    const hint = await idTokenOf(browser)
    expect(redirectOf(await ask({ prompt: 'none', id_token_hint: hint })).parameters).toHaveProperty('code')
  })

  test('of somebody else gives login_required, and a page where that is allowed', async () => {
    const hint = await idTokenOf(await signIn(house, await addUser(house)))
    expect(reasonOf(await ask({ prompt: 'none', id_token_hint: hint }))).toBe('login_required')
    expect((await ask({ id_token_hint: hint })).headers.location).toMatch(/^\/sign-in\//)
  })

  test('of another client is refused', async () => {
    const hint = await idTokenOf(browser, await addClient(house, {}))
    expect(reasonOf(await ask({ prompt: 'none', id_token_hint: hint }))).toBe('id_token_hint_invalid')
  })

  test('that is an access token is refused', async () => {
    const tokens = await redeem(house, client, await getCode(house, client, browser))
    const hint = tokens.json().access_token
    expect(reasonOf(await ask({ id_token_hint: hint }))).toBe('id_token_hint_invalid')
  })
})

describe('An authorization server', () => {
  test.each(['/oauth2/nothing/v1', '/oauth2/org/v1'])('that does not exist answers nobody: %s', async (base) => {
    const response = await ask({}, { base })
    expect(response.statusCode).toBe(404)
    expect(reasonOf(response)).toBe('authorization_server_unknown')
  })

  test('of another org does not know the session of this one', async () => {
    const theirs = await addClient(house, {}, secondOrg)
    const query = authorizeQuery(theirs, { prompt: 'none' })
    expect(reasonOf(await ask({}, { query, host: secondHost }))).toBe('login_required')
  })

  test('follows a change of its client at the next request', async () => {
    const changing = await addClient(house, {})
    const query = authorizeQuery(changing)
    expect(redirectOf(await ask({}, { query })).parameters).toHaveProperty('code')
    const moved = { ...changing, redirectUris: ['https://elsewhere.example/callback'] }
    await inTransaction(house.db, (tx) => saveClient(tx, firstOrg, moved, house.vault, house.now()))
    expect(reasonOf(await ask({}, { query }))).toBe('redirect_uri_not_registered')
  })

  test('answers other methods and content types with their own refusal', async () => {
    const url = '/oauth2/default/v1/authorize'
    const put = await house.app.inject({ method: 'PUT', url })
    expect([put.statusCode, reasonOf(put)]).toEqual([405, 'method_not_allowed'])
    const head = await house.app.inject({
      method: 'HEAD',
      url: `${url}?${authorizeQuery(client)}`,
      headers: { cookie: browser.cookie },
    })
    expect([head.statusCode, reasonOf(head)]).toEqual([405, 'method_not_allowed'])
    const json = await house.app.inject({ method: 'POST', url, payload: { client_id: client.id } })
    expect([json.statusCode, reasonOf(json)]).toEqual([415, 'unsupported_media_type'])
  })
})

test('A form that posts itself needs one script of ours, and no inline one', async () => {
  const script = await house.app.inject({ method: 'GET', url: '/login/form-post.js' })
  expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8')
})
