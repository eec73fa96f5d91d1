/**
 * A reader for the CBOR that authenticators send (CTAP2 canonical form).
 *
 * Refuses what gives one meaning two spellings, or costs more than it says: longer heads than needed, indefinite
 * lengths, tags, floats, duplicate keys, deep nesting, counts above the cap. The order of keys is not enforced: it
 * cannot change a meaning, and clients that order attestation objects differently exist.
 */
export type CborValue = number | string | boolean | null | Uint8Array | CborValue[] | CborMap
export type CborMap = Map<number | string, CborValue>

export class CborError extends Error {
  override readonly name = 'CborError'
}

const maxDepth = 8
const maxItems = 256
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

type Cursor = { bytes: Uint8Array; offset: number }

/** Reads one item that must fill all the bytes. */
export function decodeCbor(bytes: Uint8Array): CborValue {
  const { value, end } = decodeCborPrefix(bytes, 0)
  if (end !== bytes.byteLength) throw new CborError('bytes after the item')
  return value
}

/** Reads one item at the offset and says where it ends. */
export function decodeCborPrefix(bytes: Uint8Array, offset: number): { value: CborValue; end: number } {
  const cursor = { bytes, offset }
  const value = readItem(cursor, 0)
  return { value, end: cursor.offset }
}

function readItem(cursor: Cursor, depth: number): CborValue {
  if (depth > maxDepth) throw new CborError('nested too deeply')
  const first = readByte(cursor)
  const major = first >> 5
  if (major === 7) return readSimple(first)
  const argument = readArgument(cursor, first & 31)
  switch (major) {
    case 0:
      return argument
    case 1:
      return -1 - argument
    case 2:
      return readBytes(cursor, argument)
    case 3:
      return readText(cursor, argument)
    case 4:
      return readArray(cursor, argument, depth)
    case 5:
      return readMap(cursor, argument, depth)
    default:
      throw new CborError('tags are not allowed')
  }
}

function readByte(cursor: Cursor): number {
  const byte = cursor.bytes[cursor.offset]
  if (byte === undefined) throw new CborError('ends too early')
  cursor.offset += 1
  return byte
}

// The smallest argument that each head size may carry; anything below has a shorter spelling.
const smallest = [24, 0x100, 0x10000, 0x100000000]

function readArgument(cursor: Cursor, info: number): number {
  if (info < 24) return info
  const least = smallest[info - 24]
  if (least === undefined) throw new CborError('indefinite lengths are not allowed')
  let argument = 0
  for (let left = 1 << (info - 24); left > 0; left -= 1) argument = argument * 256 + readByte(cursor)
  if (argument < least) throw new CborError('longer head than needed')
  if (!Number.isSafeInteger(argument + 1)) throw new CborError('number too large')
  return argument
}

function readSimple(first: number): boolean | null {
  if (first === 0xf4) return false
  if (first === 0xf5) return true
  if (first === 0xf6) return null
  throw new CborError('simple value or float is not allowed')
}

function readBytes(cursor: Cursor, length: number): Uint8Array {
  const end = cursor.offset + length
  if (end > cursor.bytes.byteLength) throw new CborError('ends too early')
  const bytes = cursor.bytes.subarray(cursor.offset, end)
  cursor.offset = end
  return bytes
}

function readText(cursor: Cursor, length: number): string {
  try {
    return utf8.decode(readBytes(cursor, length))
  } catch (cause) {
    if (cause instanceof CborError) throw cause
    throw new CborError('text is not UTF-8', { cause })
  }
}

function readArray(cursor: Cursor, count: number, depth: number): CborValue[] {
  if (count > maxItems) throw new CborError('too many items')
  const items: CborValue[] = []
  for (let left = count; left > 0; left -= 1) items.push(readItem(cursor, depth + 1))
  return items
}

function readMap(cursor: Cursor, count: number, depth: number): CborMap {
  if (count > maxItems) throw new CborError('too many items')
  const map: CborMap = new Map()
  for (let left = count; left > 0; left -= 1) {
    const key = readItem(cursor, depth + 1)
    if (typeof key !== 'number' && typeof key !== 'string') throw new CborError('key is neither number nor text')
    if (map.has(key)) throw new CborError('duplicate key')
    map.set(key, readItem(cursor, depth + 1))
  }
  return map
}
