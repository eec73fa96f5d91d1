import { filterErrors } from './errors.ts'
import { type Filter, type FilterValue, isFilterOperator } from './filter.ts'
import { type Token, tokenize } from './tokens.ts'

/** More than anybody writes, and little enough that the statement that comes of it is cheap to plan. */
export const filterLimits = { length: 4_096, depth: 16, comparisons: 64 } as const

/**
 * Reads a filter such as `status eq "ACTIVE" and (profile.age gt 30 or not (profile.city pr))`.
 *
 * `and` binds closer than `or`; operators may be written in any case, attribute names as they are.
 *
 * @throws {LatchkeyError} `filter_malformed`, `filter_too_complex`
 */
export function parseFilter(text: string): Filter {
  if (text.length > filterLimits.length) throw filterErrors.filter_too_complex()
  const reader = openReader(tokenize(text))
  const filter = readAny(reader, 0)
  if (reader.peek().kind !== 'end') throw unexpected('Something follows where the filter ends.')
  return filter
}

type Reader = ReturnType<typeof openReader>

function openReader(tokens: readonly Token[]) {
  let at = 0
  let comparisons = 0
  const peek = (): Token => tokens[at] ?? { kind: 'end' }
  return {
    peek,
    next(): Token {
      const token = peek()
      at += 1
      return token
    },
    /** Goes past a keyword when it is the next token. */
    skip(keyword: string): boolean {
      const token = peek()
      const isNext = token.kind === 'word' && token.text.toLowerCase() === keyword
      if (isNext) at += 1
      return isNext
    },
    countComparison(): void {
      comparisons += 1
      if (comparisons > filterLimits.comparisons) throw filterErrors.filter_too_complex()
    },
  }
}

function readAny(reader: Reader, depth: number): Filter {
  return readList(reader, 'or', () => readAll(reader, depth))
}

function readAll(reader: Reader, depth: number): Filter {
  return readList(reader, 'and', () => readOne(reader, depth))
}

function readList(reader: Reader, kind: 'and' | 'or', read: () => Filter): Filter {
  const first = read()
  const filters = [first]
  while (reader.skip(kind)) filters.push(read())
  return filters.length === 1 ? first : { kind, filters }
}

function readOne(reader: Reader, depth: number): Filter {
  if (depth > filterLimits.depth) throw filterErrors.filter_too_complex()
  if (reader.skip('not')) return { kind: 'not', filter: readOne(reader, depth + 1) }
  const token = reader.next()
  if (token.kind === '(') {
    const filter = readAny(reader, depth + 1)
    if (reader.next().kind !== ')') throw unexpected('The filter has a parenthesis that is not closed.')
    return filter
  }
  if (token.kind !== 'word') throw unexpected('The filter has no attribute where one belongs.')
  return readComparison(reader, token.text)
}

function readComparison(reader: Reader, attribute: string): Filter {
  reader.countComparison()
  const token = reader.next()
  const operator = token.kind === 'word' ? token.text.toLowerCase() : ''
  if (operator === 'pr') return { kind: 'present', attribute }
  if (!isFilterOperator(operator)) throw unexpected('The filter has no operator where one belongs.')
  return { kind: 'compare', attribute, operator, value: readValue(reader.next()) }
}

const words = new Map<string, FilterValue>([
  ['true', true],
  ['false', false],
  ['null', null],
])

function readValue(token: Token): FilterValue {
  if (token.kind === 'value') return token.value
  const value = token.kind === 'word' ? words.get(token.text.toLowerCase()) : undefined
  if (value === undefined) throw unexpected('The filter has no value where one belongs; texts are in quotation marks.')
  return value
}

function unexpected(message: string) {
  return filterErrors.filter_malformed({ message })
}
