import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely'
import type { DialectName } from '../database/index.ts'
import { filterErrors } from './errors.ts'
import type { FilterOperator, FilterValue } from './filter.ts'
import { orderOf } from './orders.ts'
import { compareText } from './text.ts'

type JsonComparison = {
  readonly operator: FilterOperator
  readonly value: Exclude<FilterValue, null>
  readonly ignoresCase: boolean
  readonly dialect: DialectName
}

/** How a dialect takes a member of a document apart: one row per value, whether it is a list or stands alone. */
type Dialect = {
  readonly values: (document: Expression<unknown>, member: string) => RawBuilder<unknown>
  readonly isText: RawBuilder<SqlBool>
  readonly isNumber: RawBuilder<SqlBool>
  readonly isNull: RawBuilder<SqlBool>
  readonly text: RawBuilder<string>
  readonly number: RawBuilder<number>
  readonly isBoolean: (value: boolean) => RawBuilder<SqlBool>
}

const sqlite: Dialect = {
  // The name has no quotation marks: the language has no word for them.
  values: (document, member) => sql`json_each(${document}, ${`$."${member}"`}) as element`,
  isText: sql<SqlBool>`element.type = 'text'`,
  isNumber: sql<SqlBool>`element.type in ('integer', 'real')`,
  isNull: sql<SqlBool>`element.type = 'null'`,
  text: sql<string>`element.value`,
  number: sql<number>`element.value`,
  isBoolean: (value) => sql<SqlBool>`element.type = ${String(value)}`,
}

const postgres: Dialect = {
  values: (document, member) => {
    const value = sql`(${document} -> cast(${member} as text))`
    const list = sql`case jsonb_typeof(${value}) when 'array' then ${value} else jsonb_build_array(${value}) end`
    return sql`jsonb_array_elements(${list}) as element (item)`
  },
  isText: sql<SqlBool>`jsonb_typeof(element.item) = 'string'`,
  isNumber: sql<SqlBool>`jsonb_typeof(element.item) = 'number'`,
  isNull: sql<SqlBool>`jsonb_typeof(element.item) = 'null'`,
  text: sql<string>`(element.item #>> '{}')`,
  // The type is looked at first: a cast of text that is no number ends the statement.
  number: sql<number>`(case jsonb_typeof(element.item) when 'number' then cast(element.item #>> '{}' as numeric) end)`,
  isBoolean: (value) => sql<SqlBool>`element.item = cast(${String(value)} as jsonb)`,
}

const dialects = { sqlite, postgres } as const

/** The text of a member that is one value; null where it is not there. */
export function jsonText(
  document: Expression<unknown>,
  member: string,
  dialect: DialectName,
): RawBuilder<string | null> {
  return dialect === 'postgres'
    ? sql<string | null>`(${document} ->> cast(${member} as text))`
    : sql<string | null>`cast(json_extract(${document}, ${`$."${member}"`}) as text)`
}

/** Tells whether a document has a member that is more than null or an empty list. */
export function presentJson(document: Expression<unknown>, member: string, dialect: DialectName): RawBuilder<SqlBool> {
  const { values, isNull } = dialects[dialect]
  return sql<SqlBool>`(exists (select 1 from ${values(document, member)} where not ${isNull}))`
}

/** Tells whether a member of a document, or one of its values, compares as asked; values of another type do not. */
export function matchesJson(
  document: Expression<unknown>,
  member: string,
  comparison: JsonComparison,
): RawBuilder<SqlBool> {
  const words = dialects[comparison.dialect]
  const condition = conditionOf(words, comparison)
  return sql<SqlBool>`(exists (select 1 from ${words.values(document, member)} where ${condition}))`
}

function conditionOf(words: Dialect, comparison: JsonComparison): RawBuilder<SqlBool> {
  const { operator, value } = comparison
  if (typeof value === 'string') {
    return sql<SqlBool>`${words.isText} and ${compareText(words.text, { ...comparison, value })}`
  }
  if (typeof value === 'boolean') {
    if (operator !== 'eq') throw filterErrors.filter_operator_unsupported()
    return words.isBoolean(value)
  }
  return sql<SqlBool>`${words.isNumber} and ${words.number} ${orderOf(operator)} ${value}`
}
