import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely'
import type { DialectName } from '../database/index.ts'
import type { FilterOperator } from './filter.ts'

export type TextComparison = {
  readonly operator: FilterOperator
  readonly value: string
  readonly ignoresCase: boolean
  readonly dialect: DialectName
}

/**
 * Compares texts byte by byte, or with ASCII letters of either case alike, the same on both databases.
 *
 * Without LIKE: its case differs between the two, and nothing in the value is then more than text.
 */
export function compareText(
  column: Expression<string | null>,
  { operator, value, ignoresCase, dialect }: TextComparison,
): RawBuilder<SqlBool> {
  const fold = (text: Expression<string | null>) => (ignoresCase ? sql<string>`lower(${text})` : text)
  // The locale of the database must not decide about order and case.
  const plain = (text: Expression<string | null>) =>
    dialect === 'postgres' ? sql<string>`(${text} collate "C")` : text
  const left = fold(plain(column))
  const right = fold(plain(sql<string>`cast(${value} as text)`))
  switch (operator) {
    case 'eq':
      return sql<SqlBool>`(${left} = ${right})`
    case 'ne':
      return sql<SqlBool>`(${left} <> ${right})`
    case 'gt':
      return sql<SqlBool>`(${left} > ${right})`
    case 'ge':
      return sql<SqlBool>`(${left} >= ${right})`
    case 'lt':
      return sql<SqlBool>`(${left} < ${right})`
    case 'le':
      return sql<SqlBool>`(${left} <= ${right})`
    case 'co':
      return dialect === 'postgres'
        ? sql<SqlBool>`(strpos(${left}, ${right}) > 0)`
        : sql<SqlBool>`(instr(${left}, ${right}) > 0)`
    case 'sw':
      return sql<SqlBool>`(substr(${left}, 1, length(${right})) = ${right})`
    case 'ew':
      return endsWith(left, right)
  }
}

function endsWith(left: Expression<string | null>, right: Expression<string | null>): RawBuilder<SqlBool> {
  const tail = sql`substr(${left}, length(${left}) - length(${right}) + 1)`
  return sql<SqlBool>`(length(${left}) >= length(${right}) and ${tail} = ${right})`
}
