import type { FastifyInstance } from 'fastify'
import { beforeAll, describe, expect, test } from 'vitest'
import { provisionOwnOrg } from '../../commands/provision.ts'
import { groundOn, openApp } from '../../commands/testing/app.ts'
import { databases } from '../../platform/database/testing.ts'
import { keepMail, type MailId } from '../../records/mailbox/index.ts'
import { mountDev } from './index.ts'

const [sqlite] = databases
if (!sqlite) throw new Error('there is no SQLite')
const url = 'http://localhost:8080'
const assets = { 'style.css': '/s.css', 'icon.svg': '/i.svg', 'sign-in.js': '/s.js', 'account.js': '/a.js' }
let app: FastifyInstance
let newest: MailId

beforeAll(async () => {
  const ground = groundOn(await sqlite.open())
  const org = await provisionOwnOrg(ground, url)
  const at = Date.now()
  await keepMail(ground.db, org, { to: 'ada@example.com', subject: 'First', body: 'The code is 111111' }, at)
  newest = await keepMail(ground.db, org, { to: 'eve@example.com', subject: '<b>Second', body: 'See <i>' }, at + 1)
  app = openApp(ground, { mode: 'dev', url }, (server) => mountDev(server, { ...ground, assets }))
})

const get = (path: string, host = 'localhost:8080') => app.inject({ url: path, headers: { host } })

describe('The development mailbox', () => {
  test('lists mail, newest first, escaped', async () => {
    const { statusCode, body } = await get('/dev/mail')
    expect(statusCode).toBe(200)
    expect(body.indexOf('&lt;b&gt;Second')).toBeGreaterThan(0)
    expect(body.indexOf('&lt;b&gt;Second')).toBeLessThan(body.indexOf('First'))
  })

  test('shows one mail under the policy of our pages', async () => {
    const response = await get(`/dev/mail/${newest}`)
    expect(response.body).toContain('See &lt;i&gt;')
    expect(response.headers['content-security-policy']).toContain("script-src 'self'")
  })

  test('gives programs the same as JSON, and only the mail to one address when asked', async () => {
    const all: { messages: { subject: string }[] } = (await get('/dev/mail.json')).json()
    expect(all.messages.map(({ subject }) => subject)).toEqual(['<b>Second', 'First'])
    expect((await get('/dev/mail.json?to=ada%40example.com')).json()).toEqual({
      messages: [
        {
          id: expect.any(String),
          to: 'ada@example.com',
          subject: 'First',
          text: 'The code is 111111',
          at: expect.any(Number),
        },
      ],
    })
  })

  test.each([
    ['/dev/mail/nothing', 404, 'not_found'],
    ['/dev/mail/..%2f..', 400, 'invalid_request'],
    ['/dev/mail.json?to=a&to=b', 400, 'duplicate_parameter'],
    ['/dev/mail.json?form=a', 400, 'invalid_request'],
  ])('refuses %s with %i %s', async (path, status, code) => {
    const response = await get(path)
    expect(response.statusCode).toBe(status)
    expect(response.headers['x-latchkey-error']).toBe(code)
  })
})

describe('DNS rebinding', () => {
  test.each(['/dev/mail', '/dev/mail.json', '/dev/mail/x'])(
    'a foreign name that points at us finds nothing at %s',
    async (path) => {
      expect((await get(path, 'rebound.evil.example')).statusCode).toBe(404)
      expect((await get(path, 'localhost.evil.example')).statusCode).toBe(404)
    },
  )

  test.each(['localhost:8080', '127.0.0.1:8080', '[::1]:8080', 'acme.localhost:8080'])(
    '%s is this machine',
    async (host) => {
      expect((await get('/dev/mail.json', host)).statusCode).toBe(200)
    },
  )
})
