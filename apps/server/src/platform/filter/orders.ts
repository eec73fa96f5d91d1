import { type RawBuilder, sql } from 'kysely'
import { filterErrors } from './errors.ts'
import type { FilterOperator } from './filter.ts'

const orders: Readonly<Partial<Record<FilterOperator, RawBuilder<unknown>>>> = {
  eq: sql`=`,
  gt: sql`>`,
  ge: sql`>=`,
  lt: sql`<`,
  le: sql`<=`,
}

/** The word for comparing numbers. @throws {LatchkeyError} `filter_operator_unsupported` for the operators of text */
export function orderOf(operator: FilterOperator): RawBuilder<unknown> {
  const order = orders[operator]
  if (!order) throw filterErrors.filter_operator_unsupported()
  return order
}
