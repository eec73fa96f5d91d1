import type { Filter } from './filter.ts'

/**
 * Tells which values an attribute can have where a filter matches, as far as the filter says: a cheap first choice
 * before each candidate is tested.
 *
 * @returns undefined where any value is possible
 */
export function possibleValues(filter: Filter, attribute: string): ReadonlySet<string> | undefined {
  if (filter.kind === 'compare') {
    const isNamed = filter.attribute === attribute && filter.operator === 'eq' && typeof filter.value === 'string'
    return isNamed ? new Set([String(filter.value)]) : undefined
  }
  if (filter.kind !== 'and' && filter.kind !== 'or') return undefined
  const sets = filter.filters.map((one) => possibleValues(one, attribute))
  const known = sets.filter((set) => set !== undefined)
  if (filter.kind === 'or') return known.length === sets.length ? union(known) : undefined
  const [first, ...others] = known
  return first && new Set([...first].filter((value) => others.every((other) => other.has(value))))
}

function union(sets: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  return new Set(sets.flatMap((set) => [...set]))
}
