import { describe, expect, test } from 'vitest'
import { parseForm, refuseMalformed } from './form.ts'

const plain = (text: string) => ({ ...parseForm(text) })
const isMalformed = (text: string) => {
  try {
    refuseMalformed(parseForm(text))
    return false
  } catch (error) {
    expect(error).toMatchObject({ code: 'malformed_encoding', status: 400 })
    return true
  }
}

describe('WHATWG URL §5.1 application/x-www-form-urlencoded', () => {
  test.each([
    ['', {}],
    ['&&', {}],
    ['a=1', { a: '1' }],
    ['a=1&b=2', { a: '1', b: '2' }],
    ['a', { a: '' }],
    ['a=', { a: '' }],
    ['=a', { '': 'a' }],
    ['a=b=c', { a: 'b=c' }],
    ['a=b+c%20d%2B', { a: 'b c d+' }],
    ['na+me%3D=v', { 'na me=': 'v' }],
    ['a=%C3%A9%F0%9F%94%91', { a: 'é🔑' }],
    ['a=é', { a: 'é' }],
    ['a=1;b=2', { a: '1;b=2' }],
  ])('%s', (text, parameters) => {
    expect(plain(text)).toEqual(parameters)
    expect(isMalformed(text)).toBe(false)
  })

  test.each([
    'a=%',
    'a=%4',
    'a=%zz',
    '%=1',
    'a=%u0041',
    'a=1&b=%E0%A4%A',
    'a=%ff',
    'a=%C0%80',
    'a=%ED%A0%80',
    'a=%00',
    '%00=1',
  ])('does not repair %s, but refuses it', (text) => {
    expect(isMalformed(text)).toBe(true)
  })
})

describe('Two readers of one form cannot be played off', () => {
  test('a name that is given twice is a list, in its order, however it is written', () => {
    expect(plain('a=1&a=2&b=3&%61=')).toEqual({ a: ['1', '2', ''], b: '3' })
    expect(plain('a=1&a=1')).toEqual({ a: ['1', '1'] })
  })

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('%s is a name like any other', (name) => {
    const parameters = parseForm(`${name}=x&a=1`)
    expect(Object.getPrototypeOf(parameters)).toBeNull()
    expect(Object.entries(parameters)).toEqual([
      [name, 'x'],
      ['a', '1'],
    ])
    expect(Object.prototype).not.toHaveProperty('x')
    expect(parseForm('a=1').toString).toBeUndefined()
  })

  test('thirty thousand times the same name is read at once', () => {
    expect(parseForm('a&'.repeat(30_000)).a).toHaveLength(30_000)
  })
})
