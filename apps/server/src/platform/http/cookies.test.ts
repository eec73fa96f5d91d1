import { describe, expect, test } from 'vitest'
import { cookieName, readCookie, serializeCookie } from './cookies.ts'

describe('RFC 6265bis §4.1.3.2 cookies that no other host can plant', () => {
  test('have the __Host- prefix over https, with what it asks for', () => {
    expect(serializeCookie('session', 'abc', { secure: true })).toBe(
      '__Host-latchkey.session=abc; Path=/; HttpOnly; SameSite=Lax; Secure',
    )
  })

  test('do without it over plain http, where browsers would drop them', () => {
    expect(serializeCookie('session', 'abc', { secure: false })).toBe(
      'latchkey.session=abc; Path=/; HttpOnly; SameSite=Lax',
    )
  })

  test('are taken from the browser by an age of nothing', () => {
    expect(serializeCookie('session', '', { secure: true, maxAgeMs: 0 })).toMatch(/; Max-Age=0$/)
    expect(serializeCookie('x', 'y', { secure: true, maxAgeMs: 61_500, sameSite: 'Strict' })).toMatch(
      /SameSite=Strict; Secure; Max-Age=61$/,
    )
  })
})

describe('Reading a cookie', () => {
  const name = cookieName('session', true)

  test.each([
    ['alone', `${name}=abc`],
    ['between others', `a=1; ${name}=abc; b=2`],
    ['without spaces', `a=1;${name}=abc;b=2`],
  ])('%s', (_where, header) => {
    expect(readCookie(header, 'session', true)).toBe('abc')
  })

  test('of which there are two gives none: one of them was planted', () => {
    expect(readCookie(`${name}=abc; ${name}=planted`, 'session', true)).toBeUndefined()
    expect(readCookie(`${name}=abc; ${name}=abc`, 'session', true)).toBeUndefined()
  })

  test.each([
    undefined,
    '',
    'other=1',
    `x${name}=abc`,
    `${name}`,
    `${name}=`,
    `${name}="abc"`,
    `${name}=a b`,
    `${name}=${'x'.repeat(513)}`,
    `${name}=é`,
  ])('gives none for %j', (header) => {
    expect(readCookie(header, 'session', true)).toBeUndefined()
  })

  test('does not take one without the prefix over https, nor the other way round', () => {
    expect(readCookie('latchkey.session=abc', 'session', true)).toBeUndefined()
    expect(readCookie('__Host-latchkey.session=abc', 'session', false)).toBeUndefined()
  })
})
