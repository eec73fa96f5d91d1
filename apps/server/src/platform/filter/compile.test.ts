import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Database, dialectOf, type Migration } from '../database/index.ts'
import { describeEachDatabase } from '../database/testing.ts'
import { isLatchkeyError } from '../errors.ts'
import { compileFilter, type FilterField, parseFilter } from './index.ts'

const things: Migration = {
  name: '0001-things',
  up: async (tx, { text, time, json }) => {
    const columns = `id ${text} NOT NULL PRIMARY KEY, name ${text}, status ${text} NOT NULL, at ${time}, profile ${json} NOT NULL`
    await sql.raw(`CREATE TABLE thing (${columns})`).execute(tx)
  },
}

const rows: [id: string, name: string | null, status: string, at: number | null, profile: object][] = [
  [
    'ada',
    'Ada Byron',
    'live',
    Date.UTC(2026, 0, 1),
    { city: 'London', age: 36, isAdmin: true, tags: ['maths', 'poet'] },
  ],
  ['bob', '100%_\\"; DROP', 'held', Date.UTC(2026, 0, 2), { city: 'london', age: '36', isAdmin: 'true', tags: [] }],
  ['eve', null, 'gone', null, { city: null, age: 7.5, isAdmin: false, constructor: 'x', tags: [1, 'two'] }],
]

const choices = { ACTIVE: 'live', SUSPENDED: 'held', DEPROVISIONED: 'gone' }
const fields =
  (isLoose: boolean) =>
  (attribute: string): FilterField | undefined => {
    const known: Record<string, FilterField> = {
      name: { type: 'text', sql: sql<string | null>`name`, ignoresCase: isLoose },
      status: { type: 'choice', sql: sql<string>`status`, choices },
      at: { type: 'time', sql: sql<number | null>`at` },
      id: { type: 'text', sql: sql<string>`id`, operators: ['eq'] },
    }
    if (Object.hasOwn(known, attribute)) return known[attribute]
    const [start, member] = attribute.split('.')
    return start === 'profile' && member ? { type: 'json', sql: sql`profile`, member, ignoresCase: isLoose } : undefined
  }

describeEachDatabase('Filters as conditions', (open) => {
  let db: Database
  beforeAll(async () => {
    db = await open({ migrations: [things] })
    for (const [id, name, status, at, profile] of rows)
      await sql`insert into thing values (${id}, ${name}, ${status}, ${at}, ${profile})`.execute(db)
  })
  const find = async (text: string, isLoose = false) => {
    const condition = compileFilter(parseFilter(text), { dialect: dialectOf(db), fieldOf: fields(isLoose) })
    const found = await sql<{ id: string }>`select id from thing where ${condition} order by id`.execute(db)
    return found.rows.map(({ id }) => id).join(' ')
  }
  const reasonOf = (text: string) =>
    find(text).then(
      () => 'none',
      (thrown: unknown) => (isLatchkeyError(thrown) ? thrown.code : thrown),
    )

  describe('find what they mean', () => {
    test.each([
      ['name eq "Ada Byron"', 'ada'],
      ['name eq "ada byron"', ''],
      ['name ne "Ada Byron"', 'bob eve'],
      ['name co "B" and name sw "Ada" and name ew "ron"', 'ada'],
      ['name sw "ada"', ''],
      ['name gt "1" and name lt "B"', 'ada bob'],
      ['name pr', 'ada bob'],
      ['not (name pr)', 'eve'],
      ['name eq null', 'eve'],
      ['name ne null', 'ada bob'],
      ['not (name eq "Ada Byron")', 'bob eve'],
      ['status eq "ACTIVE" or status eq "SUSPENDED"', 'ada bob'],
      ['status lt "SUSPENDED"', 'ada eve'],
      ['status ne "ACTIVE"', 'bob eve'],
      ['status eq "live"', ''],
      ['status eq "constructor"', ''],
      ['at gt "2026-01-01T00:00:00.000Z"', 'bob'],
      ['at ge "2026-01-01" and at le "2026-01-01T01:00:00+01:00"', 'ada'],
      ['profile.city eq "London"', 'ada'],
      ['profile.city ne "London"', 'bob eve'],
      ['profile.city pr', 'ada bob'],
      ['profile.city eq null', 'eve'],
      ['profile.nowhere pr', ''],
      ['profile.age gt 7 and profile.age le 36', 'ada eve'],
      ['profile.age eq "36"', 'bob'],
      ['profile.age gt 7 and profile.age lt "4"', ''],
      ['profile.isAdmin eq true', 'ada'],
      ['profile.isAdmin eq "true"', 'bob'],
      ['profile.isAdmin ne true', 'bob eve'],
      ['profile.tags eq "poet"', 'ada'],
      ['profile.tags eq 1', 'eve'],
      ['profile.tags sw "t" or profile.tags co "oe"', 'ada eve'],
      ['profile.tags pr', 'ada eve'],
      ['profile.constructor pr', 'eve'],
      ['profile.__proto__ pr', ''],
      ['id eq "eve"', 'eve'],
    ])('%s', async (text, ids) => {
      expect(await find(text)).toBe(ids)
    })

    test('in either case where a field says so', async () => {
      expect(await find('name sw "ADA" and name co "BYRON" and name eq "ada byron"', true)).toBe('ada')
      expect(await find('profile.city eq "LONDON"', true)).toBe('ada bob')
    })
  })

  describe('are harmless', () => {
    test.each([
      [String.raw`name eq "100%_\\\"; DROP"`, 'bob'],
      ['name sw "100%"', 'bob'],
      ['name co "%_"', 'bob'],
      ['name co "_"', 'bob'],
      ['name sw "%"', ''],
      ["name eq \"' or '1'='1\"", ''],
      [`name eq "${'\\'.repeat(44)}"`, ''],
      [`name co "${'\\'.repeat(44)}"`, ''],
      [`name co "${'%_'.repeat(1_500)}"`, ''],
      ['profile.$ pr or profile.a-b:c+d$ eq "x"', ''],
    ])('%s', async (text, ids) => {
      expect(await find(text)).toBe(ids)
    })

    test('as deep and as wide as they may be', async () => {
      const wide = Array(62).fill('profile.city co "on"').join(' and ')
      expect(await find(`${'('.repeat(15)}${wide}${')'.repeat(15)} or name pr`)).toBe('ada bob')
    })
  })

  describe('are refused', () => {
    test.each([
      ['nothing eq "a"', 'filter_attribute_unknown'],
      ['constructor eq "a"', 'filter_attribute_unknown'],
      ['__proto__ pr', 'filter_attribute_unknown'],
      ['toString pr', 'filter_attribute_unknown'],
      ['id sw "e"', 'filter_operator_unsupported'],
      ['id pr', 'filter_operator_unsupported'],
      ['name eq 1', 'filter_value_mistyped'],
      ['name eq true', 'filter_value_mistyped'],
      ['name gt null', 'filter_operator_unsupported'],
      ['at gt 5', 'filter_value_mistyped'],
      ['at gt "soon"', 'filter_value_mistyped'],
      ['at co "2026-01-01"', 'filter_operator_unsupported'],
      ['status eq 1', 'filter_value_mistyped'],
      ['profile.age co 3', 'filter_operator_unsupported'],
      ['profile.isAdmin gt true', 'filter_operator_unsupported'],
    ])('%s', async (text, reason) => {
      expect(await reasonOf(text)).toBe(reason)
    })
  })
})
