import { filterErrors } from './errors.ts'
import { type Comparison, compare, type Filter, isOrdering } from './filter.ts'
import { parseTime } from './time.ts'

export type DocumentRules = {
  /** The first names of the attributes there are; a filter that names another is refused. */
  readonly roots: ReadonlySet<string>
  /** Attributes that are times in ISO 8601: compared as times, however they are written. */
  readonly times?: ReadonlySet<string>
}

/**
 * Tests a document against a filter. A list matches where one of its members does.
 *
 * @throws {LatchkeyError} `filter_attribute_unknown`, `filter_value_mistyped`
 */
export function matchesFilter(filter: Filter, document: object, rules: DocumentRules): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.filters.map((one) => matchesFilter(one, document, rules)).every(Boolean)
    case 'or':
      return filter.filters.map((one) => matchesFilter(one, document, rules)).some(Boolean)
    case 'not':
      return !matchesFilter(filter.filter, document, rules)
    case 'present':
      return valuesAt(document, filter.attribute, rules).some((value) => value !== null && value !== '')
    case 'compare':
      return matches(filter, valuesAt(document, filter.attribute, rules), rules)
  }
}

/** What an attribute holds, own members only: `constructor` is a word like any other. */
function valuesAt(document: object, attribute: string, { roots }: DocumentRules): unknown[] {
  const names = attribute.split('.')
  if (!roots.has(names[0] ?? ''))
    throw filterErrors.filter_attribute_unknown({ message: `There is no attribute "${attribute}".` })
  let values: unknown[] = [document]
  for (const name of names) values = values.flatMap((value) => membersOf(value, name))
  return values
}

function membersOf(value: unknown, name: string): unknown[] {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return []
  const member: unknown = Reflect.get(value, name)
  return Array.isArray(member) ? member : [member]
}

function matches(comparison: Comparison, values: readonly unknown[], rules: DocumentRules): boolean {
  const { operator, value } = comparison
  if (operator === 'ne') return !matches({ ...comparison, operator: 'eq' }, values, rules)
  if (value === null || typeof value === 'boolean') {
    if (operator !== 'eq') throw filterErrors.filter_operator_unsupported()
    return value === null ? values.every((one) => one === null) : values.includes(value)
  }
  if (rules.times?.has(comparison.attribute)) return matchesTime(comparison, values)
  if (typeof value === 'number' && !isOrdering(operator) && operator !== 'eq')
    throw filterErrors.filter_operator_unsupported()
  return values.some((one) => isAlike(one, value) && compare(operator, one, value))
}

function isAlike<Value extends string | number>(one: unknown, value: Value): one is Value {
  return typeof one === typeof value
}

function matchesTime({ operator, value }: Comparison, values: readonly unknown[]): boolean {
  const time = typeof value === 'string' ? parseTime(value) : undefined
  if (time === undefined)
    throw filterErrors.filter_value_mistyped({ message: 'The filter compares a time with something else.' })
  if (!isOrdering(operator) && operator !== 'eq') throw filterErrors.filter_operator_unsupported()
  return values.some((one) => {
    const known = typeof one === 'string' ? parseTime(one) : undefined
    return known !== undefined && compare(operator, known, time)
  })
}
