/**
 * Filters: the small language in which dialects ask for some of many (SCIM RFC 7644 §3.4.2.2, as Okta writes it).
 *
 * Owns: reading a filter into a tree, within limits of length, depth and number of comparisons; turning the tree into a
 * condition of a statement, every value a parameter; and testing a document against it.
 * Does not own: which attributes there are and what they stand for; whoever asks says so.
 */
export { compileFilter, type FilterField } from './compile.ts'
export { filterErrors } from './errors.ts'
export { type DocumentRules, matchesFilter } from './evaluate.ts'
export type { Comparison, Filter, FilterOperator, FilterValue } from './filter.ts'
export { jsonText } from './json.ts'
export { filterLimits, parseFilter } from './parse.ts'
export { possibleValues } from './possible-values.ts'
export { parseTime } from './time.ts'
