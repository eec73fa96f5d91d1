import { describe, expect, test } from 'vitest'
import { isLatchkeyError } from '../errors.ts'
import { type Filter, filterLimits, parseFilter, parseTime, possibleValues } from './index.ts'

const reasonOf = (text: string) => {
  try {
    parseFilter(text)
  } catch (thrown) {
    return isLatchkeyError(thrown) ? thrown.code : thrown
  }
  return 'none'
}
const compare = (attribute: string, operator: string, value: unknown) => ({
  kind: 'compare',
  attribute,
  operator,
  value,
})

describe('RFC 7644 §3.4.2.2 Filtering', () => {
  test.each<[string, unknown]>([
    ['status eq "ACTIVE"', compare('status', 'eq', 'ACTIVE')],
    ['  profile.age  GT\t-1.5e3 ', compare('profile.age', 'gt', -1500)],
    ['a Eq TRUE', compare('a', 'eq', true)],
    ['a ne null', compare('a', 'ne', null)],
    ['profile.nickName PR', { kind: 'present', attribute: 'profile.nickName' }],
    [String.raw`a eq "say \"hi\" A\\"`, compare('a', 'eq', 'say "hi" A\\')],
    ['not a pr', { kind: 'not', filter: { kind: 'present', attribute: 'a' } }],
  ])('reads %j', (text, filter) => {
    expect(parseFilter(text)).toEqual(filter)
  })

  test('binds and closer than or, and parentheses closest', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((attribute) => ({ kind: 'present', attribute }))
    expect(parseFilter('a pr or b pr AND c pr')).toEqual({
      kind: 'or',
      filters: [a, { kind: 'and', filters: [b, c] }],
    })
    expect(parseFilter('(a pr or b pr) and not (c pr)')).toEqual({
      kind: 'and',
      filters: [
        { kind: 'or', filters: [a, b] },
        { kind: 'not', filter: c },
      ],
    })
  })

  test.each([
    '',
    ' ',
    'status',
    'status eq',
    'status eq ACTIVE',
    'status is "ACTIVE"',
    'eq "ACTIVE"',
    '"status" eq "ACTIVE"',
    'a pr b pr',
    'a pr and',
    'and a pr',
    '(a pr',
    'a pr)',
    '()',
    'not',
    'a eq "open',
    String.raw`a eq "open\"`,
    String.raw`a eq "\x"`,
    String.raw`a eq "\u0000"`,
    String.raw`a eq "\ud800"`,
    'a eq "line\nbreak"',
    'a eq 1.2.3',
    'a eq 9007199254740993',
    'a eq 1e999',
    "a eq 'b'",
    'emails[type eq "work"] pr',
    'a eq "b"; drop table person',
    'a\u00e4 pr',
    'a eq "b" -- x',
  ])('refuses %j', (text) => {
    expect(reasonOf(text)).toBe('filter_malformed')
  })
})

describe('Filters that are meant to hurt', () => {
  test.each([
    ['a thousand parentheses', `${'('.repeat(1000)}a pr${')'.repeat(1000)}`, 'filter_too_complex'],
    ['a thousand nots', `${'not '.repeat(1000)}a pr`, 'filter_too_complex'],
    ['too many comparisons', Array(65).fill('a pr').join(' or '), 'filter_too_complex'],
    ['too much text', `a eq "${'x'.repeat(filterLimits.length)}"`, 'filter_too_complex'],
    ['parentheses that never close', '('.repeat(4000), 'filter_too_complex'],
    ['44 backslashes and no end', `a eq "${'\\'.repeat(44)}`, 'filter_malformed'],
    ['45 backslashes before the end', `a eq "${'\\'.repeat(45)}"`, 'filter_malformed'],
  ])('%s are refused at once', (_what, text, reason) => {
    const startedAt = performance.now()
    expect(reasonOf(text)).toBe(reason)
    expect(performance.now() - startedAt).toBeLessThan(50)
  })

  test('44 backslashes are 22 of them', () => {
    expect(parseFilter(`a eq "${'\\'.repeat(44)}"`)).toEqual(compare('a', 'eq', '\\'.repeat(22)))
  })

  test('as deep and as wide as is allowed is read', () => {
    const { depth, comparisons } = filterLimits
    expect(reasonOf(`${'('.repeat(depth)}a pr${')'.repeat(depth)}`)).toBe('none')
    expect(reasonOf(Array(comparisons).fill('a pr').join(' or '))).toBe('none')
  })
})

describe('What an attribute can be', () => {
  const valuesOf = (text: string, attribute = 'a') => {
    const found = possibleValues(parseFilter(text) satisfies Filter, attribute)
    return found && [...found]
  }

  test.each<[string, string[] | undefined]>([
    ['a eq "x"', ['x']],
    ['a eq "x" or a eq "y"', ['x', 'y']],
    ['a eq "x" and b pr', ['x']],
    ['(a eq "x" or a eq "y") and a eq "y"', ['y']],
    ['a eq "x" and a eq "y"', []],
    ['a eq "x" or b pr', undefined],
    ['not (a eq "x")', undefined],
    ['a sw "x"', undefined],
    ['a eq 1', undefined],
  ])('%s', (text, values) => {
    expect(valuesOf(text)).toEqual(values)
  })
})

describe('ISO 8601', () => {
  const noon = Date.UTC(2026, 0, 2, 12)
  test.each<[string, number | undefined]>([
    ['2026-01-02T12:00:00.000Z', noon],
    ['2026-01-02T12:00Z', noon],
    ['2026-01-02T12:00:00', noon],
    ['2026-01-02T14:00:00+0200', noon],
    ['2026-01-02T14:00:00.5+02:00', noon + 500],
    ['2026-01-02', Date.UTC(2026, 0, 2)],
    ['2026-13-02', undefined],
    ['2026-01-02T25:00Z', undefined],
    ['1767355200000', undefined],
    ['yesterday', undefined],
    ['', undefined],
  ])('%s', (text, time) => {
    expect(parseTime(text)).toBe(time)
  })
})
