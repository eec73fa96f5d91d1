import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineErrors, type LatchkeyError } from '../errors.ts'
import { openLog } from '../log.ts'
import { contextOf, createHttpServer, parseInput, renderProblem, watchRoutes } from './index.ts'

const errors = defineErrors({
  closed: { status: 409, message: 'This is closed.' },
  busy: { status: 429, message: 'Too many.' },
})

describe('The HTTP wall', () => {
  let lines: string[] = []
  let refused: LatchkeyError[] = []
  let onRefusal = (error: LatchkeyError): void | Promise<void> => void refused.push(error)
  let app = open()
  beforeEach(() => {
    lines = []
    refused = []
    onRefusal = (error) => void refused.push(error)
    app = open()
  })
  afterEach(() => app.close())

  function open(trustedProxies: readonly string[] = []) {
    const server = createHttpServer({
      log: openLog({ level: 'debug', destination: { write: (line) => void lines.push(line) } }),
      trustedProxies,
      renderers: {
        problem: renderProblem,
        stumble: async () => {
          throw new Error('connection to db at 10.0.0.7 lost')
        },
        shout: (error, _request, reply) => reply.status(error.status).send(error.message.toUpperCase()),
      },
      onRefusal: (error) => onRefusal(error),
    })
    const { refuseOtherMethods, routes } = watchRoutes(server)
    server.get('/context', async (request) => contextOf(request))
    server.post('/echo', async (request) => ({ body: request.body ?? null }))
    server.get('/query', async (request) => parseInput(z.object({ a: z.string() }), request.query))
    server.get('/closed', async () => {
      throw errors.closed({ details: { hint: 'later' }, cause: new Error('private') })
    })
    server.get('/busy', async () => {
      throw errors.busy({ details: { retryAfter: 7 } })
    })
    server.get('/broken', async () => {
      throw new Error('connection to db at 10.0.0.7 lost')
    })
    server.get('/stumbling', { config: { audience: 'stumble' } }, async () => {
      throw errors.closed()
    })
    server.get('/shouting', { config: { audience: 'shout' } }, async () => {
      throw errors.closed()
    })
    refuseOtherMethods()
    return Object.assign(server, { mountedRoutes: routes })
  }

  const post = async (body: string | Buffer, type: string | undefined) => {
    const answer = await app.inject({
      method: 'POST',
      url: '/echo',
      payload: body,
      headers: { 'content-type': type ?? '' },
    })
    return { status: answer.statusCode, ...answer.json() }
  }

  describe('Bodies', () => {
    test.each([
      ['application/json', '{"a":[1]}', { a: [1] }],
      ['application/json; charset=utf-8', '{"a":"é"}', { a: 'é' }],
      ['application/scim+json', '{}', {}],
      ['application/json ;charset=utf-8', '{}', {}],
      ['application/x-www-form-urlencoded', 'a=1&b=%20', { a: '1', b: ' ' }],
      ['application/json', '', null],
    ])('of the type %s are parsed', async (type, body, expected) => {
      expect(await post(body, type)).toEqual({ status: 200, body: expected })
    })

    test.each([
      ['text/plain', 'a=1', 415, 'unsupported_media_type'],
      ['multipart/form-data; boundary=x', '--x--', 415, 'unsupported_media_type'],
      ['text/html', '<p>', 415, 'unsupported_media_type'],
      ['application/jsonp', '{}', 415, 'unsupported_media_type'],
      ['application/json', '{', 400, 'malformed_json'],
      ['application/json', '{"a":1}x', 400, 'malformed_json'],
      ['application/json', '{"__proto__":{"isAdmin":true}}', 400, 'malformed_json'],
      ['application/json', '{"constructor":{"prototype":{"isAdmin":true}}}', 400, 'malformed_json'],
      ['application/json', '{"a":"\\u0000"}', 400, 'malformed_json'],
      ['application/json', Buffer.from([0x22, 0xff, 0x22]), 400, 'malformed_json'],
      ['application/x-www-form-urlencoded', 'a=%zz', 400, 'malformed_encoding'],
      ['application/x-www-form-urlencoded', Buffer.from([0x61, 0x3d, 0xff]), 400, 'malformed_encoding'],
      ['application/json', `"${'x'.repeat(64 * 1024)}"`, 413, 'body_too_large'],
      ['application/x-www-form-urlencoded', `a=${'x'.repeat(64 * 1024)}`, 413, 'body_too_large'],
    ])('of the type %s that are wrong are refused', async (type, body, status, code) => {
      expect(await post(body, type)).toMatchObject({ status, code })
      expect(refused.map((error) => error.code)).toEqual([code])
    })
  })

  describe('Parameters of the address', () => {
    test.each([
      ['/query?a=1', 200, undefined],
      ['/query?a=%zz', 400, 'malformed_encoding'],
      ['/query?a=%00', 400, 'malformed_encoding'],
      ['/query?a=1&a=2', 400, 'duplicate_parameter'],
      ['/query', 400, 'invalid_request'],
    ])('%s', async (url, status, code) => {
      const answer = await app.inject(url)
      expect([answer.statusCode, answer.headers['x-latchkey-error']]).toEqual([status, code])
    })
  })

  describe('Methods and addresses', () => {
    test('another method is refused with those that are allowed (RFC 9110 §15.5.6)', async () => {
      const answer = await app.inject({ method: 'DELETE', url: '/echo' })
      expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'POST'])
      expect(answer.json()).toMatchObject({ code: 'method_not_allowed' })
      const get = await app.inject({
        method: 'POST',
        url: '/context',
        payload: '{',
        headers: { 'content-type': 'application/json' },
      })
      expect([get.statusCode, get.headers.allow]).toEqual([405, 'GET, HEAD'])
    })

    test('an address that is none is not found', async () => {
      for (const url of ['/nothing', '/echo/', '/%2e%2e/etc/passwd', '//evil.example']) {
        const answer = await app.inject(url)
        expect([answer.statusCode, answer.json().code]).toEqual([404, 'not_found'])
      }
    })

    test('are listed, without those that only refuse', () => {
      const routes = app.mountedRoutes()
      expect(routes.find(({ url }) => url === '/echo')).toEqual({
        url: '/echo',
        methods: ['POST'],
        audience: 'problem',
      })
      expect(routes.find(({ url }) => url === '/shouting')?.audience).toBe('shout')
    })
  })

  describe('A refusal', () => {
    test('is problem+json (RFC 9457) with our code, safe details and the id of the request', async () => {
      const answer = await app.inject('/closed')
      expect(answer.headers).toMatchObject({
        'content-type': 'application/problem+json; charset=utf-8',
        'cache-control': 'no-store',
        'x-latchkey-error': 'closed',
      })
      expect(answer.json()).toEqual({
        status: 409,
        code: 'closed',
        title: 'This is closed.',
        requestId: answer.headers['x-request-id'],
        hint: 'later',
      })
    })

    test('says when to come back in its header', async () => {
      const answer = await app.inject('/busy')
      expect(answer.headers['retry-after']).toBe('7')
      expect(answer.json()).not.toHaveProperty('retryAfter')
    })

    test('takes the shape of its audience', async () => {
      expect((await app.inject('/shouting')).body).toBe('THIS IS CLOSED.')
    })

    test('of something nobody declared says nothing about it, and is logged', async () => {
      const answer = await app.inject('/broken')
      expect(answer.json()).toMatchObject({ status: 500, code: 'internal' })
      expect(answer.body).not.toContain('10.0.0.7')
      expect(lines.join('')).toContain('connection to db at 10.0.0.7 lost')
      expect(lines.join('')).toContain(String(answer.headers['x-request-id']))
    })

    test('that cannot be shown says nothing about why, and is logged', async () => {
      const answer = await app.inject({ method: 'GET', url: '/stumbling' })
      expect(answer.statusCode).toBe(500)
      expect(answer.json()).toMatchObject({ status: 500, code: 'internal' })
      expect(answer.body).not.toContain('10.0.0.7')
      expect(lines.filter((line) => line.includes('10.0.0.7') && line.includes('"reason":"closed"'))).toHaveLength(1)
    })

    test('that is not our fault is no line in the log', async () => {
      await app.inject('/closed')
      expect(lines).toEqual([])
    })

    test('leaves although it could not be recorded', async () => {
      onRefusal = () => Promise.reject(new Error('disk full'))
      expect((await app.inject('/closed')).statusCode).toBe(409)
      expect(lines.join('')).toContain('a refusal could not be recorded')
    })
  })

  describe('Every answer', () => {
    test.each(['/context', '/nothing', '/closed', '/broken', '/query?a=%zz'])(
      '%s carries the headers that protect',
      async (url) => {
        const { headers } = await app.inject(url)
        expect(headers).toMatchObject({
          'x-content-type-options': 'nosniff',
          'x-frame-options': 'DENY',
          'referrer-policy': 'same-origin',
          'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
          'x-request-id': expect.stringMatching(/^req\w{17}$/),
        })
        expect(headers).not.toHaveProperty('x-powered-by')
        expect(headers).not.toHaveProperty('server')
      },
    )
  })

  describe('Where a request came from', () => {
    const from = async (headers: Record<string, string>, remoteAddress = '203.0.113.9') =>
      (await app.inject({ url: '/context', headers, remoteAddress })).json()

    test('is the peer, whatever headers say', async () => {
      expect(await from({ 'x-forwarded-for': '198.51.100.1', 'user-agent': 'x'.repeat(1_000) })).toEqual({
        requestId: expect.stringMatching(/^req/),
        ip: '203.0.113.9',
        userAgent: 'x'.repeat(400),
      })
      expect((await from({ 'x-request-id': 'planted' })).requestId).not.toBe('planted')
    })

    test('is what a trusted proxy says, and only what it says itself', async () => {
      await app.close()
      app = open(['203.0.113.0/24'])
      const forwarded = { 'x-forwarded-for': '10.9.9.9, 198.51.100.1' }
      expect((await from(forwarded)).ip).toBe('198.51.100.1')
      expect((await from(forwarded, '192.0.2.1')).ip).toBe('192.0.2.1')
    })
  })
})
