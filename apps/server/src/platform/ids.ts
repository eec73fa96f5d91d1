import { randomBytes } from 'node:crypto'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** The largest multiple of 62 below 256: bytes at or above it are thrown away, so that no letter is likelier. */
const fairLimit = 248

/**
 * Makes an id: a prefix of three letters and 17 random base62 characters (101 bits).
 *
 * Twenty characters of base62 are also valid base64url of 15 bytes, which the WebAuthn user handle relies on.
 */
export function newId<Id extends string>(prefix: string): Id {
  return (prefix + randomLetters(20 - prefix.length, alphabet)) as Id
}

/** Makes an unguessable value: base64url without padding, 256 bits unless told otherwise. */
export function newSecret(bytes = 32): string {
  return randomBytes(bytes).toString('base64url')
}

/** Makes a code for people to type: `length` decimal digits, each equally likely. */
export function newDigits(length: number): string {
  let digits = ''
  while (digits.length < length) {
    for (const byte of randomBytes(length)) if (byte < 250 && digits.length < length) digits += byte % 10
  }
  return digits
}

/** Draws letters that people cannot confuse with one another, for codes that are read aloud or typed. */
export function newReadableCode(groups: number, size: number): string {
  const letters = 'BCDFGHJKLMNPQRSTVWXZ23456789'
  return Array.from({ length: groups }, () => randomLetters(size, letters)).join('-')
}

function randomLetters(count: number, from: string): string {
  const limit = from === alphabet ? fairLimit : 256 - (256 % from.length)
  let text = ''
  while (text.length < count) {
    for (const byte of drawBytes(count * 2)) if (byte < limit && text.length < count) text += from[byte % from.length]
  }
  return text
}

const pooled = 4096
let pool = Buffer.alloc(0)
let drawn = 0

/** Takes random bytes from a pool, each once: asking the system for a few costs as much as for thousands. */
function drawBytes(count: number): Uint8Array {
  if (drawn + count > pool.length) {
    pool = randomBytes(Math.max(pooled, count))
    drawn = 0
  }
  const bytes = pool.subarray(drawn, drawn + count)
  drawn += count
  return bytes
}
