import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely'
import type { DialectName } from '../database/index.ts'
import { filterErrors } from './errors.ts'
import { type Comparison, compare, type Filter, type FilterOperator } from './filter.ts'
import { matchesJson, presentJson } from './json.ts'
import { orderOf } from './orders.ts'
import { compareText } from './text.ts'
import { parseTime } from './time.ts'

/** What an attribute stands for in a statement. */
export type FilterField = (
  | { readonly type: 'text'; readonly sql: Expression<string | null> }
  /** Milliseconds in the database, ISO 8601 in the filter. */
  | { readonly type: 'time'; readonly sql: Expression<number | null> }
  /** One of a few, by other names in the filter. */
  | { readonly type: 'choice'; readonly sql: Expression<string>; readonly choices: Readonly<Record<string, string>> }
  /** A member of a JSON document: text, number, boolean, or a list of which one member has to match. */
  | { readonly type: 'json'; readonly sql: Expression<unknown>; readonly member: string }
) & {
  readonly ignoresCase?: boolean
  /** All that the type has, unless named. */
  readonly operators?: readonly (FilterOperator | 'pr')[]
}

type Options = {
  readonly dialect: DialectName
  /** Tells what an attribute stands for, or nothing where there is none of that name. */
  readonly fieldOf: (attribute: string) => FilterField | undefined
}

/**
 * Turns a filter into a condition of a statement. Every value in it becomes a parameter.
 *
 * @throws {LatchkeyError} `filter_attribute_unknown`, `filter_operator_unsupported`, `filter_value_mistyped`
 */
export function compileFilter(filter: Filter, options: Options): Expression<SqlBool> {
  switch (filter.kind) {
    case 'and':
    case 'or': {
      const parts = filter.filters.map((one) => compileFilter(one, options))
      return sql<SqlBool>`(${sql.join(parts, filter.kind === 'and' ? sql` and ` : sql` or `)})`
    }
    case 'not':
      // A comparison with what is absent is unknown, and so would be its opposite.
      return sql<SqlBool>`(not coalesce(${compileFilter(filter.filter, options)}, false))`
    case 'present':
      return present(field(filter.attribute, 'pr', options), options.dialect)
    case 'compare':
      return compileComparison(filter, field(filter.attribute, filter.operator, options), options.dialect)
  }
}

function field(attribute: string, operator: FilterOperator | 'pr', { fieldOf }: Options): FilterField {
  const found = fieldOf(attribute)
  if (!found) throw filterErrors.filter_attribute_unknown({ message: `There is no attribute "${attribute}".` })
  if (found.operators && !found.operators.includes(operator))
    throw filterErrors.filter_operator_unsupported({ message: `"${attribute}" has no operator "${operator}".` })
  return found
}

function present(found: FilterField, dialect: DialectName): RawBuilder<SqlBool> {
  if (found.type === 'json') return presentJson(found.sql, found.member, dialect)
  return sql<SqlBool>`(${found.sql} is not null)`
}

function compileComparison(comparison: Comparison, found: FilterField, dialect: DialectName): Expression<SqlBool> {
  const { operator, value } = comparison
  if (value === null) {
    if (operator !== 'eq' && operator !== 'ne') throw filterErrors.filter_operator_unsupported()
    return operator === 'ne' ? present(found, dialect) : sql<SqlBool>`(not ${present(found, dialect)})`
  }
  if (operator === 'ne') {
    const equal = compileComparison({ ...comparison, operator: 'eq' }, found, dialect)
    return sql<SqlBool>`(not coalesce(${equal}, false))`
  }
  const ignoresCase = found.ignoresCase ?? false
  if (found.type === 'json') return matchesJson(found.sql, found.member, { operator, value, ignoresCase, dialect })
  if (typeof value !== 'string') throw mistyped(comparison)
  if (found.type === 'text') return compareText(found.sql, { operator, value, ignoresCase, dialect })
  return found.type === 'time' ? compareTime(comparison, found.sql) : compareChoice(comparison, found)
}

function compareTime(comparison: Comparison, column: Expression<number | null>): RawBuilder<SqlBool> {
  const { operator, value } = comparison
  const time = parseTime(String(value))
  if (time === undefined) throw mistyped(comparison)
  return sql<SqlBool>`(${column} ${orderOf(operator)} ${time})`
}

type Choice = Extract<FilterField, { type: 'choice' }>

/** Which of the choices it is about is known before the statement: the database compares with those alone. */
function compareChoice({ operator, value }: Comparison, { sql: column, choices, ignoresCase }: Choice) {
  const fold = (text: string) => (ignoresCase ? text.toLowerCase() : text)
  const meant = Object.entries(choices).filter(([name]) => compare(operator, fold(name), fold(String(value))))
  if (meant.length === 0) return sql<SqlBool>`(1 = 0)`
  return sql<SqlBool>`(${column} in (${sql.join(meant.map(([, stored]) => stored))}))`
}

function mistyped({ attribute }: Comparison) {
  return filterErrors.filter_value_mistyped({ message: `"${attribute}" is compared with a value of another type.` })
}
