import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sequenceEvents } from '../../records/events/index.ts'
import { openHouse, type TestHouse, type TestOrg } from '../../testing/index.ts'
import { openRateLimit } from './rate-limit.ts'
import { type Caller, issueToken, openCaller } from './testing.ts'

let house: TestHouse
let org: TestOrg
let api: Caller
beforeAll(async () => {
  house = await openHouse({ config: { mode: 'dev', url: 'http://localhost:8080' } })
  org = await house.ownOrg()
  api = await openCaller(org)
})
afterAll(() => house?.close())

const inject = (headers: Record<string, string>, url = '/api/v1/users', method: 'GET' | 'POST' | 'PATCH' = 'GET') =>
  house.app.inject({ method, url, headers: { host: 'localhost:8080', ...headers } })

describe('Every answer', () => {
  test('carries the id of its request and what is left of the minute', async () => {
    const answer = await api.call('GET', '/api/v1/users')
    expect(answer.header('content-type')).toBe('application/json; charset=utf-8')
    expect(answer.header('x-okta-request-id')).toMatch(/^req[0-9A-Za-z]{17}$/)
    expect(answer.header('x-okta-request-id')).toBe(answer.header('x-request-id'))
    expect(answer.header('x-rate-limit-limit')).toBe('6000')
    const remaining = Number(answer.header('x-rate-limit-remaining'))
    const next = await api.call('GET', '/api/v1/users')
    expect(Number(next.header('x-rate-limit-remaining'))).toBe(remaining - 1)
    const reset = Number(answer.header('x-rate-limit-reset')) * 1_000
    expect(reset).toBeGreaterThan(house.clock())
    expect(reset).toBeLessThanOrEqual(house.clock() + 60_000)
    expect(answer.header('cache-control')).toBe('no-store')
  })

  test.each([
    ['no token', {}, 403, 'E0000005', 'Invalid session', 'api_token_missing'],
    [
      'an unknown token',
      { authorization: 'SSWS 00nobody' },
      401,
      'E0000011',
      'Invalid token provided',
      'api_token_invalid',
    ],
    ['another scheme', { authorization: 'Basic YTpi' }, 401, 'E0000011', 'Invalid token provided', 'api_token_invalid'],
  ])('says what is wrong with %s', async (_what, headers, status, errorCode, errorSummary, reason) => {
    const answer = await inject(headers)
    expect(answer.statusCode).toBe(status)
    expect(answer.headers['x-latchkey-error']).toBe(reason)
    expect(answer.headers).toMatchObject({
      'x-okta-request-id': expect.any(String),
      'x-rate-limit-limit': '6000',
      'x-rate-limit-remaining': '6000',
      'x-rate-limit-reset': expect.stringMatching(/^\d{10}$/),
    })
    expect(answer.json()).toEqual({
      errorCode,
      errorSummary,
      errorLink: errorCode,
      errorId: expect.stringMatching(/^oae/),
      errorCauses: [],
    })
  })

  test('refuses the token of somebody who is no administrator, and the log says so', async () => {
    const { id } = await org.person()
    const token = await issueToken(org, { userId: id })
    const answer = await inject({ authorization: `SSWS ${token}` })
    expect(answer.statusCode).toBe(403)
    expect(answer.json()).toMatchObject({
      errorCode: 'E0000006',
      errorSummary: 'You do not have permission to perform the requested action',
    })
    const [event] = await org.events({ userId: id, types: ['request.refused'] })
    expect(event).toMatchObject({ outcome: 'FAILURE', reason: 'permission_missing' })
    expect(JSON.stringify(event)).not.toContain(token)
  })

  test.each([
    ['GET', '/api/v1/nothing', 404, 'E0000008'],
    ['POST', '/api/v1/', 404, 'E0000008'],
    ['PATCH', '/api/v1/users', 405, 'E0000022'],
    ['PATCH', '/api/v1/nothing', 405, 'E0000022'],
    ['POST', '/api/v1/users/me/lifecycle/explode', 404, 'E0000008'],
  ] as const)('%s %s is refused in the same shape', async (method, url, status, errorCode) => {
    const answer = await inject({ authorization: `SSWS ${api.token}` }, url, method)
    expect([answer.statusCode, answer.json().errorCode]).toEqual([status, errorCode])
    expect(answer.headers['x-rate-limit-limit']).toBe('6000')
  })

  test('reads no body of a stranger', async () => {
    const headers = { host: 'localhost:8080', 'content-type': 'application/json' }
    const answer = await house.app.inject({ method: 'POST', url: '/api/v1/users', headers, payload: '{' })
    expect(answer.json().errorCode).toBe('E0000005')
  })
})

describe('The limit of a minute', () => {
  test("is the org's, for each resource, and begins anew", () => {
    let now = 60_000
    const count = openRateLimit(() => now)
    const [one, two] = [org.id, house.ground.db ? ('00oAnother' as typeof org.id) : org.id]
    for (let index = 0; index < 5_999; index += 1) count(one, 'users')
    expect(count(one, 'users')).toEqual({ limit: 6_000, remaining: 0, resetsAt: 120_000, isOver: false })
    expect(count(one, 'users')).toMatchObject({ remaining: 0, isOver: true })
    expect(count(one, 'apps')).toMatchObject({ remaining: 5_999, isOver: false })
    expect(count(two, 'users')).toMatchObject({ remaining: 5_999, isOver: false })
    now = 120_000
    expect(count(one, 'users')).toMatchObject({ remaining: 5_999, resetsAt: 180_000, isOver: false })
    now = 0
    expect(count(one, 'users')).toMatchObject({ remaining: 5_999, resetsAt: 60_000 })
  })

  test('is told in the words that the SDKs wait by', async () => {
    const busy = await house.newOrg()
    const caller = await openCaller(busy)
    for (let sent = 0; sent < 6_000; sent += 500)
      await Promise.all(Array.from({ length: 500 }, () => caller.call('GET', '/api/v1/users/nobody@example.com')))
    const answer = await caller.call('GET', '/api/v1/users')
    expect(answer).toMatchObject({
      status: 429,
      reason: 'rate_limit_reached',
      body: {
        errorCode: 'E0000047',
        errorSummary: 'API call exceeded rate limit due to too many requests.',
      },
    })
    expect(Number(answer.header('retry-after'))).toBeGreaterThan(0)
    expect(answer.header('x-rate-limit-remaining')).toBe('0')
  })
})

const hasCurl = spawnSync('curl', ['--version']).status === 0
const execute = promisify(execFile)

describe('The printed requests, over a socket', () => {
  let url: string
  beforeAll(async () => {
    url = await house.app.listen({ port: 0, host: '127.0.0.1' })
  })
  /** By curl as it is printed; by fetch where there is no curl. */
  const run = async (method: string, path: string, body?: object) => {
    const headers = {
      Accept: 'application/json',
      Authorization: `SSWS ${api.token}`,
      ...(body && { 'Content-Type': 'application/json' }),
    }
    const data = JSON.stringify(body)
    if (!hasCurl) return await (await fetch(url + path, { method, headers, body: data ?? null })).json()
    const shown = Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`])
    const args = ['--silent', '--show-error', '--request', method, '--url', url + path, ...shown]
    const { stdout } = await execute('curl', [...args, ...(data === undefined ? [] : ['--data', data])])
    return JSON.parse(stdout)
  }

  test('list users, create one, list apps and ask the log', async () => {
    const created = await run('POST', '/api/v1/users?activate=true', {
      profile: { firstName: 'John', lastName: 'Doe', email: 'john.doe@example.com', login: 'john.doe@example.com' },
      credentials: { password: { value: 'TempPassword123!' } },
    })
    expect(created).toMatchObject({ status: 'ACTIVE', profile: { login: 'john.doe@example.com' } })
    const users = await run('GET', '/api/v1/users')
    expect(users).toContainEqual(expect.objectContaining({ id: created.id }))
    expect(await run('GET', '/api/v1/apps')).toEqual([])
    await run('POST', `/api/v1/users/${created.id}/lifecycle/deactivate`)
    await sequenceEvents(house.ground.db, { limit: 1_000 })
    // As printed but for the spaces, which curl refuses and no server ever sees.
    const events = await run('GET', '/api/v1/logs?filter=eventType%20eq%20"user.lifecycle.deactivate"')
    expect(events).toMatchObject([{ eventType: 'user.lifecycle.deactivate', target: [{ id: created.id }] }])
  })

  test('lifecycle calls without a body or a type, as the SDK sends them', async () => {
    const { id } = await run('GET', '/api/v1/users/john.doe@example.com')
    const answer = await fetch(`${url}/api/v1/users/${id}/lifecycle/activate?sendEmail=false`, {
      method: 'POST',
      headers: { accept: 'application/json', authorization: `SSWS ${api.token}`, 'content-length': '0' },
    })
    expect([answer.status, await answer.json()]).toEqual([200, {}])
  })
})
