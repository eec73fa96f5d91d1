import { describe, expect, test } from 'vitest'
import { isLatchkeyError } from '../errors.ts'
import { matchesFilter, parseFilter } from './index.ts'

const document = {
  type: 'user.session.start',
  count: 3,
  isProxy: false,
  nothing: null,
  at: '2026-01-02T12:00:00.000Z',
  actor: { id: '00u1', name: 'Ada' },
  target: [
    { id: '00u2', type: 'User' },
    { id: '0oa1', type: 'AppInstance' },
  ],
}
const rules = { roots: new Set(['absent', ...Object.keys(document)]), times: new Set(['at']) }
const matches = (text: string) => matchesFilter(parseFilter(text), document, rules)
const reasonOf = (text: string) => {
  try {
    matches(text)
  } catch (thrown) {
    return isLatchkeyError(thrown) ? thrown.code : thrown
  }
  return 'none'
}

describe('Documents', () => {
  test.each<[string, boolean]>([
    ['type eq "user.session.start"', true],
    ['type sw "user." and type ew ".start" and type co "session"', true],
    ['type sw "app."', false],
    ['actor.id eq "00u1"', true],
    ['target.id eq "0oa1"', true],
    ['target.type ne "User"', false],
    ['target.type ne "Group"', true],
    ['count ge 3 and count lt 4', true],
    ['count eq "3"', false],
    ['isProxy eq false', true],
    ['isProxy ne true', true],
    ['nothing pr', false],
    ['nothing eq null', true],
    ['absent pr', false],
    ['absent eq null', true],
    ['at eq "2026-01-02T13:00:00+01:00"', true],
    ['at gt "2026-01-02T12:00:00Z"', false],
    ['not (actor.name eq "Eve") and (count eq 1 or actor.name eq "Ada")', true],
  ])('%s is %j', (text, expected) => {
    expect(matches(text)).toBe(expected)
  })

  test('names of the prototype are names of nothing', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty'])
      expect([name, reasonOf(`${name} pr`)]).toEqual([name, 'filter_attribute_unknown'])
    expect(matches('actor.constructor.name pr or actor.__proto__ pr or target.length pr')).toBe(false)
  })

  test.each([
    ['nowhere eq "a"', 'filter_attribute_unknown'],
    ['isProxy gt true', 'filter_operator_unsupported'],
    ['nothing co null', 'filter_operator_unsupported'],
    ['count co 3', 'filter_operator_unsupported'],
    ['at co "2026"', 'filter_value_mistyped'],
    ['at gt 5', 'filter_value_mistyped'],
    ['at sw "2026-01-02"', 'filter_operator_unsupported'],
    ['type eq "nothing" and nowhere pr', 'filter_attribute_unknown'],
    ['type pr or nowhere pr', 'filter_attribute_unknown'],
  ])('refuses %s', (text, reason) => {
    expect(reasonOf(text)).toBe(reason)
  })
})
