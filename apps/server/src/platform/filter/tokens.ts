import { filterErrors } from './errors.ts'

export type Token =
  | { readonly kind: '(' | ')' | 'end' }
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'value'; readonly value: string | number }

/**
 * Cuts a filter into tokens, looking at each character once: no pattern that could be made to go back.
 *
 * @throws {LatchkeyError} `filter_malformed`
 */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const start = text[at] ?? ''
    if (start === ' ' || start === '\t' || start === '\n' || start === '\r') {
      at += 1
    } else if (start === '(' || start === ')') {
      tokens.push({ kind: start })
      at += 1
    } else {
      const end = start === '"' ? endOfString(text, at) : endOfWord(text, at)
      tokens.push(start === '"' ? stringToken(text.slice(at, end)) : wordToken(text.slice(at, end), at))
      at = end
    }
  }
  tokens.push({ kind: 'end' })
  return tokens
}

/** The place after the closing quotation mark. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '"') return at + 1
    // Whatever it escapes, it is not the end.
    if (text[at] === '\\') at += 1
  }
  throw filterErrors.filter_malformed({ message: 'The filter has a string that does not end.' })
}

/** RFC 7644: a string is one of JSON. NUL and halves of characters are in nobody's data, and PostgreSQL refuses them. */
function stringToken(text: string): Token {
  const value = parseJsonString(text)
  if (value === undefined || value.includes('\0') || !value.isWellFormed())
    throw filterErrors.filter_malformed({ message: 'The filter has a string that is not valid JSON.' })
  return { kind: 'value', value }
}

function parseJsonString(text: string): string | undefined {
  try {
    return String(JSON.parse(text))
  } catch {
    return undefined
  }
}

function endOfWord(text: string, start: number): number {
  let at = start
  while (at < text.length && isWordCharacter(text.charCodeAt(at))) at += 1
  return at
}

function isWordCharacter(code: number): boolean {
  const isLetter = (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)
  // Digits and : are one range; $ + - . and _ stand alone.
  return isLetter || (code >= 0x30 && code <= 0x3a) || [0x24, 0x2b, 0x2d, 0x2e, 0x5f].includes(code)
}

function wordToken(word: string, at: number): Token {
  if (word === '')
    throw filterErrors.filter_malformed({ message: `The filter has a character that means nothing, at ${at + 1}.` })
  const first = word.charCodeAt(0)
  const isNumber = first === 0x2d || (first >= 0x30 && first <= 0x39)
  if (!isNumber) return { kind: 'word', text: word }
  const value = Number(word)
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value)))
    throw filterErrors.filter_malformed({ message: 'The filter has a number that is none, or too large to be exact.' })
  return { kind: 'value', value }
}
