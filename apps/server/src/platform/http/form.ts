import { httpErrors } from './errors.ts'

/** Parameters as they came: a name that was given twice has a list, which no schema of ours accepts unawares. */
export type Parameters = Readonly<Record<string, string | readonly string[]>>

const malformed = Symbol('malformed')

/**
 * Parses `application/x-www-form-urlencoded` text, strictly: broken percent-encoding, bytes that are not UTF-8 and
 * NUL are marked as malformed, not repaired, because two parsers that repair differently can be played off.
 */
export function parseForm(text: string): Parameters {
  const parameters: Mutable = Object.create(null)
  for (const pair of text.split('&')) {
    if (pair === '') continue
    const at = pair.indexOf('=')
    const name = decode(at < 0 ? pair : pair.slice(0, at))
    const value = decode(at < 0 ? '' : pair.slice(at + 1))
    if (name === undefined || value === undefined) parameters[malformed] = true
    else addTo(parameters, name, value)
  }
  return parameters as Parameters
}

/** Throws for parameters that `parseForm` could not read. @throws {LatchkeyError} `malformed_encoding` */
export function refuseMalformed(parameters: unknown): void {
  if (typeof parameters === 'object' && parameters !== null && malformed in parameters)
    throw httpErrors.malformed_encoding()
}

type Mutable = Record<string | symbol, string | string[] | boolean>

/** The list grows in place: copying it for each of the 30,000 names that fit into a body takes seconds. */
function addTo(parameters: Mutable, name: string, value: string): void {
  const earlier = parameters[name]
  if (earlier === undefined) parameters[name] = value
  else if (Array.isArray(earlier)) earlier.push(value)
  else parameters[name] = [String(earlier), value]
}

function decode(text: string): string | undefined {
  try {
    const decoded = decodeURIComponent(text.replaceAll('+', ' '))
    return decoded.includes('\0') ? undefined : decoded
  } catch {
    return undefined
  }
}
