import type { FastifyInstance } from 'fastify'
import { beforeAll, describe, expect, test } from 'vitest'
import { groundOn, openApp } from '../../commands/testing/app.ts'
import { databases } from '../../platform/database/testing.ts'
import { httpErrors } from '../../platform/http/index.ts'
import { mountMetrics } from './index.ts'

const [sqlite] = databases
if (!sqlite) throw new Error('there is no SQLite')
const token = 'a-token-of-the-operator'
const elsewhere = { remoteAddress: '192.0.2.7' }
let app: FastifyInstance

beforeAll(async () => {
  const ground = groundOn(await sqlite.open())
  app = openApp(ground, { mode: 'start', url: 'https://id.example.com' }, (server) => {
    mountMetrics(server, ground, { token })
    const config = { isOrgless: true }
    server.get('/things/:id', { config }, async () => ({}))
    server.get('/refused', { config }, async () => {
      throw httpErrors.malformed_request()
    })
  })
})

describe('Metrics', () => {
  test('count requests by route, never by address', async () => {
    await app.inject('/things/one')
    await app.inject('/things/two')
    await app.inject('/not/there')
    const { body, headers } = await app.inject('/metrics')
    expect(headers['content-type']).toMatch(/^text\/plain; version=/)
    const count = (labels: string) => body.match(new RegExp(`_count\\{${labels}\\} (\\d+)`))?.[1]
    expect(count('method="GET",route="/things/:id",status="200"')).toBe('2')
    expect(body).not.toContain('/things/one')
    expect(body).not.toContain('/not/there')
    expect(body).toMatch(/latchkey_http_request_duration_seconds_count\{.*status="421"/)
  })

  test('count refusals by their code', async () => {
    await app.inject('/refused')
    expect((await app.inject('/metrics')).body).toContain(
      'latchkey_refusals_total{code="malformed_request",route="/refused"} 1',
    )
  })

  test('tell about the process and the database', async () => {
    const { body } = await app.inject('/metrics')
    for (const name of [
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_seconds',
      'latchkey_database_commits_total',
    ])
      expect(body).toContain(`\n${name} `)
  })
})

describe('Who may read the metrics', () => {
  test.each(['127.0.0.1', '::1'])('this machine may, from %s', async (remoteAddress) => {
    expect((await app.inject({ url: '/metrics', remoteAddress })).statusCode).toBe(200)
  })

  test('whoever has the token may', async () => {
    const headers = { authorization: `Bearer ${token}` }
    expect((await app.inject({ url: '/metrics', ...elsewhere, headers })).statusCode).toBe(200)
  })

  test.each([
    ['without a token', {}],
    ['with another token', { authorization: 'Bearer wrong' }],
    ['with a token that is none', { authorization: 'Basic YTpi' }],
  ])('others find nothing there: %s', async (_how, headers) => {
    const response = await app.inject({ url: '/metrics', ...elsewhere, headers })
    expect(response.statusCode).toBe(404)
    expect(response.json()).toMatchObject({ code: 'not_found' })
  })

  test.each([{ 'x-forwarded-for': '127.0.0.1' }, { forwarded: 'for=127.0.0.1' }, { via: '1.1 proxy' }])(
    'whoever comes through a proxy on this machine is not this machine: %o',
    async (headers) => {
      expect((await app.inject({ url: '/metrics', headers })).statusCode).toBe(404)
    },
  )
})
