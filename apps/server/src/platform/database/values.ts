import { type RawBuilder, sql } from 'kysely'
import { errors } from './errors.ts'

/** What both databases can bind. */
export type StoredValue = string | number | bigint | boolean | Uint8Array | null

/**
 * Binds a scalar to a JSON column.
 *
 * Objects and arrays need no help: they are stored as JSON by themselves. A bare string, number, boolean or null would
 * be taken for text or SQL's NULL.
 *
 * @example
 * await db.insertInto('setting').values({ id, value: json('dark') }).execute()
 */
export function json<Value>(value: Value): RawBuilder<Value> {
  return sql<Value>`${toJson(value)}`
}

/**
 * Turns a parameter into what both databases store alike, or refuses it.
 *
 * Refused because one of the two databases would take it silently for something else: a Date (NULL in node:sqlite),
 * undefined (NULL in pg), NaN (NULL in node:sqlite), integers that a double cannot hold, U+0000 (PostgreSQL refuses it).
 */
export function toStored(value: unknown): StoredValue {
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'string') return checkText(value)
  if (typeof value === 'number') return checkNumber(value)
  if (typeof value === 'bigint') return checkNumber(Number(value))
  if (value instanceof Uint8Array) return value
  if (Array.isArray(value) || isPlainObject(value)) return toJson(value)
  throw errors.value_not_storable({ message: `A value of the kind ${kindOf(value)} cannot be stored.` })
}

function checkText(text: string): string {
  if (text.includes('\0')) throw errors.text_contains_nul()
  if (!text.isWellFormed()) throw errors.text_not_unicode()
  return text
}

function checkNumber(value: number): number {
  if (Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value)) return value
  throw errors.value_not_storable({
    message: 'A number that is not finite, or too large to be exact, cannot be stored.',
  })
}

// An escape that JSON.stringify wrote, not a backslash of the text itself: an odd number of backslashes before the u.
const nulEscape = /(?<!\\)(?:\\\\)*\\u0000/
const surrogateEscape = /(?<!\\)(?:\\\\)*\\ud[89a-f]/

function toJson(value: unknown): string {
  const text: unknown = JSON.stringify(value)
  if (typeof text !== 'string') {
    throw errors.value_not_storable({ message: `A value of the kind ${kindOf(value)} cannot be stored as JSON.` })
  }
  // PostgreSQL's jsonb refuses both.
  if (text.includes('\\u0000') && nulEscape.test(text)) throw errors.text_contains_nul()
  if (text.includes('\\ud') && surrogateEscape.test(text)) throw errors.text_not_unicode()
  return text
}

function isPlainObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function kindOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? value.constructor.name : typeof value
}
