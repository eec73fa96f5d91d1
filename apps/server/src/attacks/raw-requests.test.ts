import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHouse, snapshot, type TestHouse } from '../testing/index.ts'
import { sendRaw } from './testing/raw.ts'

let house: TestHouse
let port: number
let host: string
beforeAll(async () => {
  house = await openHouse()
  host = new URL((await house.ownOrg()).url).host
  port = Number(new URL(await house.app.listen({ port: 0, host: '127.0.0.1' })).port)
})
afterAll(() => house?.close())

const head = (line: string, ...headers: string[]) =>
  [line, `host: ${host}`, 'connection: close', ...headers, '', ''].join('\r\n')
const long = (length: number) => 'a'.repeat(length)

describe('What is not HTTP as servers agree on it', () => {
  test.each([
    ['no HTTP at all', () => 'hello\r\n\r\n', 400, 'malformed_request'],
    ['TLS to a plain port', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400, 'malformed_request'],
    ['a method of its own', () => head('SIGNIN / HTTP/1.1'), 400, 'malformed_request'],
    ['a version of its own', () => head('GET / HTTP/9.9'), 400, 'malformed_request'],
    ['a line break in the path', () => head('GET /a\nb HTTP/1.1'), 400, 'malformed_request'],
    ['NUL in the path', () => head('GET /\0 HTTP/1.1'), 400, 'malformed_request'],
    ['NUL in a header', () => head('GET / HTTP/1.1', 'x-a: b\0c'), 400, 'malformed_request'],
    ['a header name with a space', () => head('GET / HTTP/1.1', 'x a: b'), 400, 'malformed_request'],
    ['a folded header', () => head('GET / HTTP/1.1', 'x-a: b', ' c: d'), 400, 'malformed_request'],
    ['a header that is too long', () => head('GET / HTTP/1.1', `x-a: ${long(20_000)}`), 431, 'header_too_large'],
    ['a cookie that is too long', () => head('GET / HTTP/1.1', `cookie: a=${long(20_000)}`), 431, 'header_too_large'],
    ['an address that is too long', () => head(`GET /${long(20_000)} HTTP/1.1`), 431, 'header_too_large'],
    [
      'two lengths',
      () => head('POST /setup HTTP/1.1', 'content-length: 1', 'content-length: 2'),
      400,
      'malformed_request',
    ],
    [
      'a length beside chunks (request smuggling)',
      () => head('POST /setup HTTP/1.1', 'content-length: 6', 'transfer-encoding: chunked'),
      400,
      'malformed_request',
    ],
    ['a negative length', () => head('POST /setup HTTP/1.1', 'content-length: -1'), 400, 'malformed_request'],
    [
      'chunks that are none',
      () => `${head('POST /setup HTTP/1.1', 'content-type: application/json', 'transfer-encoding: chunked')}xyz\r\n`,
      400,
      'malformed_request',
    ],
  ])('is refused: %s', async (_what, request, status, code) => {
    const before = await snapshot(house.ground.db)
    const answer = await sendRaw(port, request())
    expect(answer).toMatchObject({
      status,
      headers: {
        'x-latchkey-error': code,
        'content-type': 'application/problem+json; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        connection: 'close',
      },
    })
    expect(JSON.parse(answer.body)).toMatchObject({ status, code })
    expect(await snapshot(house.ground.db)).toEqual(before)
  })

  test('is refused without a Host header, and with two', async () => {
    expect((await sendRaw(port, 'GET / HTTP/1.1\r\nconnection: close\r\n\r\n')).status).toBe(400)
    const two = await sendRaw(port, head('GET / HTTP/1.1', 'host: evil.example'))
    expect([two.status, two.headers['x-latchkey-error']]).toEqual([400, 'malformed_request'])
    // HTTP/1.0 knows no Host: then it is for nobody.
    const old = await sendRaw(port, 'GET / HTTP/1.0\r\n\r\n')
    expect([old.status, old.headers['x-latchkey-error']]).toEqual([421, 'unknown_host'])
  })
})

describe('A path that is written in another way', () => {
  test.each([
    ['dots', '/oauth2/../account'],
    ['encoded dots', '/oauth2/%2e%2e/account'],
    ['two slashes', '//account'],
    ['a backslash', '/\\account'],
    ['another case', '/ACCOUNT'],
    ['a slash at the end', '/account/'],
    ['a path parameter', '/account;jsessionid=1'],
    ['an encoded letter of the path', '/%61ccount%2f'],
  ])('is another path, with nothing at it: %s', async (_what, path) => {
    const answer = await sendRaw(port, head(`GET ${path} HTTP/1.1`))
    expect([answer.status, answer.headers['x-latchkey-error']]).toEqual([404, 'not_found'])
  })

  test('as a whole address is the same path, and its host is no place to redirect to', async () => {
    const body = 'client_id=nobody'
    const answer = await sendRaw(
      port,
      head(
        'POST http://evil.example/oauth2/v1/authorize HTTP/1.1',
        'content-type: application/x-www-form-urlencoded',
        `content-length: ${body.length}`,
      ) + body,
    )
    expect([answer.status, answer.headers.location]).toEqual([303, '/oauth2/v1/authorize?client_id=nobody'])
  })

  test('with an id as long as a credential id can be is looked up; a longer one is nowhere', async () => {
    const longest = await sendRaw(port, head(`GET /account/passkeys/${long(1_364)}/remove HTTP/1.1`))
    expect(longest.status).toBe(303)
    const longer = await sendRaw(port, head(`GET /account/passkeys/${long(1_365)}/remove HTTP/1.1`))
    expect([longer.status, longer.headers['x-latchkey-error']]).toEqual([404, 'not_found'])
  })
})

describe('What costs more than it looks like', () => {
  test('one parameter thirty thousand times is read once', async () => {
    const { app } = house
    const payload = 'a&'.repeat(32_000)
    const headers = { host, 'content-type': 'application/x-www-form-urlencoded' }
    const before = process.cpuUsage()
    const answer = await app.inject({ method: 'POST', url: '/oauth2/v1/token', headers, payload })
    const { user } = process.cpuUsage(before)
    expect([answer.statusCode, answer.headers['x-latchkey-error']]).toEqual([400, 'duplicate_parameter'])
    // A list that is copied for each of them takes several seconds of it.
    expect(user).toBeLessThan(1_500_000)
  })
})
