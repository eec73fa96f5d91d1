import type { CustomTypesConfig } from 'pg'
import { errors } from './errors.ts'

/** PostgreSQL's type numbers (pg_type.oid), which never change. */
const oid = { bytea: 17, int8: 20, json: 114, numeric: 1700, jsonb: 3802 } as const

type Parse = (text: string) => unknown

const parsers = new Map<number, Parse>([
  [oid.int8, toNumber],
  // What sum() makes of int8.
  [oid.numeric, toNumber],
  [oid.bytea, toBytes],
  [oid.json, (text) => JSON.parse(text)],
  [oid.jsonb, (text) => JSON.parse(text)],
])

/**
 * Reads values back as SQLite gives them: 64-bit integers as numbers, bytes as a Uint8Array of their own.
 *
 * Built on pg's parsers for the types that both give alike.
 */
export function typesReadAlike(standard: CustomTypesConfig): CustomTypesConfig {
  return {
    getTypeParser: (type: number, format?: 'text' | 'binary') =>
      (format !== 'binary' && parsers.get(type)) || standard.getTypeParser(type, format),
  }
}

function toNumber(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw errors.value_not_storable({ message: 'A stored number is too large to be read exactly.' })
  }
  return value
}

/** The server writes `\x` and hexadecimal digits. A copy: a small Buffer would be a view of memory shared with others. */
function toBytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.slice(2), 'hex'))
}
