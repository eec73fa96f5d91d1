import { beforeAll, describe, expect, test } from 'vitest'
import { inTransaction } from '../../../platform/database/index.ts'
import { databases } from '../../../platform/database/testing.ts'
import { type Client, saveClient } from '../../../records/clients/index.ts'
import { listEvents } from '../../../records/events/index.ts'
import { endSession } from '../../../records/sessions/index.ts'
import type { User } from '../../../records/users/index.ts'
import {
  addClient,
  addUser,
  answerStep,
  authorizeQuery,
  type Browser,
  firstOrg,
  openTestHouse,
  reasonOf,
  redeem,
  redirectOf,
  secondHost,
  signIn,
  type TestHouse,
} from '../testing.ts'

let house: TestHouse
let user: User

beforeAll(async () => {
  const [sqlite] = databases
  if (!sqlite) throw new Error('no database')
  house = await openTestHouse(await sqlite.open())
  user = await addUser(house)
})

/** A client that has to ask, so that there is a page to answer although the user is signed in. */
async function begin(): Promise<{ client: Client; browser: Browser; location: string }> {
  const client = await addClient(house, { consent: 'required' })
  const browser = await signIn(house, user)
  const url = `/oauth2/default/v1/authorize?${authorizeQuery(client)}`
  const response = await house.app.inject({
    method: 'GET',
    url,
    headers: { host: 'localhost', cookie: browser.cookie },
  })
  return { client, browser, location: String(response.headers.location) }
}

async function resume(handle: string, { cookie }: Pick<Browser, 'cookie'>, host = 'localhost') {
  const url = `/login/token/redirect?stateToken=${handle}`
  return await house.app.inject({ method: 'GET', url, headers: { host, cookie } })
}

const allow = ['consent', { decision: 'allow' }] as const

describe('The end of a sign-in', () => {
  test('gives the client its code, which gives what was asked for', async () => {
    const { client, browser, location } = await begin()
    const handle = await answerStep(house, browser, location, allow)
    const { to, parameters } = redirectOf(await resume(handle, browser))
    expect(to).toBe('https://app.example/callback')
    expect(parameters).toMatchObject({ state: 'a state', iss: `${house.url}/oauth2/default` })
    const tokens = await redeem(house, client, parameters.code ?? '')
    expect(tokens.json()).toMatchObject({ scope: 'openid profile email', token_type: 'Bearer' })
  })

  test('counts once', async () => {
    const { browser, location } = await begin()
    const handle = await answerStep(house, browser, location, allow)
    expect((await resume(handle, browser)).statusCode).toBe(303)
    const again = await resume(handle, browser)
    expect(reasonOf(again)).toBe('transaction_expired')
    expect(again.headers.location).toBeUndefined()
  })

  test('tells the client when the user said no', async () => {
    const { browser, location } = await begin()
    const handle = await answerStep(house, browser, location, ['consent', { decision: 'deny' }])
    const response = await resume(handle, browser)
    expect(reasonOf(response)).toBe('consent_denied')
    expect(redirectOf(response).parameters).toMatchObject({ error: 'access_denied', state: 'a state' })
  })

  test('tells the client when the user went back', async () => {
    const { browser, location } = await begin()
    const response = await resume(await answerStep(house, browser, location, ['cancel', {}]), browser)
    expect(reasonOf(response)).toBe('sign_in_cancelled')
    expect(redirectOf(response).parameters.error).toBe('access_denied')
  })

  test('is nothing to go by before it has come', async () => {
    const { browser, location } = await begin()
    expect(reasonOf(await resume(location.replace('/sign-in/', ''), browser))).toBe('transaction_unfinished')
  })

  test('is nobody else’s: not of another browser, nor at another org, nor later', async () => {
    const { browser, location } = await begin()
    const handle = await answerStep(house, browser, location, allow)
    expect(reasonOf(await resume(handle, await signIn(house, user)))).toBe('transaction_expired')
    expect(reasonOf(await resume(handle, browser, secondHost))).toBe('transaction_expired')
    expect((await resume(handle, browser)).statusCode).toBe(303)
  })

  test('gives login_required when the session has ended meanwhile', async () => {
    const { browser, location } = await begin()
    const handle = await answerStep(house, browser, location, allow)
    await inTransaction(house.db, (tx) => endSession(tx, firstOrg, browser.session.id))
    const response = await resume(handle, browser)
    expect(reasonOf(response)).toBe('session_ended')
    expect(redirectOf(response).parameters.error).toBe('login_required')
  })

  test('goes nowhere when the client lost its redirect URI, or was switched off, meanwhile', async () => {
    for (const [change, reason] of [
      [{ redirectUris: ['https://elsewhere.example/'] }, 'redirect_uri_not_registered'],
      [{ status: 'inactive' as const }, 'client_not_active'],
    ] as const) {
      const { client, browser, location } = await begin()
      const handle = await answerStep(house, browser, location, allow)
      await inTransaction(house.db, (tx) =>
        saveClient(tx, firstOrg, { ...client, ...change }, house.vault, house.now()),
      )
      const response = await resume(handle, browser)
      expect(reasonOf(response)).toBe(reason)
      expect(response.headers.location).toBeUndefined()
    }
  })

  test('leaves consent behind, so that it is not asked for again', async () => {
    const { client, browser, location } = await begin()
    await resume(await answerStep(house, browser, location, allow), browser)
    const url = `/oauth2/default/v1/authorize?${authorizeQuery(client, { prompt: 'none' })}`
    const headers = { host: 'localhost', cookie: browser.cookie }
    expect(redirectOf(await house.app.inject({ method: 'GET', url, headers })).parameters).toHaveProperty('code')
    const wider = `/oauth2/default/v1/authorize?${authorizeQuery(client, { prompt: 'none', scope: 'openid phone' })}`
    expect(reasonOf(await house.app.inject({ method: 'GET', url: wider, headers }))).toBe('consent_required')
  })

  test('records a refusal with its client', async () => {
    const { client, browser, location } = await begin()
    await resume(await answerStep(house, browser, location, ['consent', { decision: 'deny' }]), browser)
    const [event] = await listEvents(house.db, firstOrg, { limit: 1, types: ['authorize.refused'], newestFirst: true })
    expect(event).toMatchObject({ reason: 'consent_denied', clientId: client.id })
  })
})

test('A handle that is missing or given twice is refused', async () => {
  const get = (query: string) => house.app.inject({ method: 'GET', url: `/login/token/redirect${query}` })
  expect(reasonOf(await get(''))).toBe('transaction_expired')
  expect(reasonOf(await get('?stateToken=a&stateToken=b'))).toBe('duplicate_parameter')
})
