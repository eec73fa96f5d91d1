/** Compares an attribute with a value. */
export type FilterOperator = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le'

export type FilterValue = string | number | boolean | null

export type Comparison = {
  readonly kind: 'compare'
  readonly attribute: string
  readonly operator: FilterOperator
  readonly value: FilterValue
}

/** A filter as it was read. Lists of `and` and `or` have at least two members. */
export type Filter =
  | Comparison
  | { readonly kind: 'present'; readonly attribute: string }
  | { readonly kind: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter }

const operators: ReadonlySet<string> = new Set<FilterOperator>(['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'])

export function isFilterOperator(word: string): word is FilterOperator {
  return operators.has(word)
}

/** Operators that need an order: with a boolean or null they mean nothing. */
export function isOrdering(operator: FilterOperator): boolean {
  return operator === 'gt' || operator === 'ge' || operator === 'lt' || operator === 'le'
}

/** Compares two texts or two numbers as the operator says. Texts are ordered by code unit. */
export function compare<Value extends string | number>(operator: FilterOperator, left: Value, right: Value): boolean {
  switch (operator) {
    case 'eq':
      return left === right
    case 'ne':
      return left !== right
    case 'gt':
      return left > right
    case 'ge':
      return left >= right
    case 'lt':
      return left < right
    case 'le':
      return left <= right
    case 'co':
      return String(left).includes(String(right))
    case 'sw':
      return String(left).startsWith(String(right))
    case 'ew':
      return String(left).endsWith(String(right))
  }
}
