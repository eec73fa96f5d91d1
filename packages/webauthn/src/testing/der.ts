import { concat, uint16 } from './cbor.ts'

/** One DER node. Tags below 31 only: `0x30` SEQUENCE, `0x31` SET, `0xa0` [0] and so on. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const value = concat(...parts)
  return concat(Uint8Array.of(tag), lengthOf(value), value)
}

export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => der(0x30, ...parts)
export const set = (...parts: readonly Uint8Array[]): Uint8Array => der(0x31, ...parts)
export const octets = (value: Uint8Array): Uint8Array => der(0x04, value)
export const bits = (value: Uint8Array): Uint8Array => der(0x03, Uint8Array.of(0), value)
export const boolean = (value: boolean): Uint8Array => der(0x01, Uint8Array.of(value ? 0xff : 0))
export const text = (value: string): Uint8Array => der(0x0c, new TextEncoder().encode(value))

/** A non-negative INTEGER. */
export function integer(value: Uint8Array | number): Uint8Array {
  const bytes = typeof value === 'number' ? Uint8Array.of(value) : value
  const first = bytes.findIndex((byte) => byte !== 0)
  const digits = first < 0 ? Uint8Array.of(0) : bytes.subarray(first)
  return (digits[0] ?? 0) > 0x7f ? der(0x02, Uint8Array.of(0), digits) : der(0x02, digits)
}

export function objectIdentifier(dotted: string): Uint8Array {
  const [root = 0, second = 0, ...arcs] = dotted.split('.').map(Number)
  return der(0x06, ...[root * 40 + second, ...arcs].map(base128))
}

/** GeneralizedTime, which has no year 2050 problem. */
export function time(date: Date): Uint8Array {
  const digits = date.toISOString().replace(/[-:T]/g, '').slice(0, 14)
  return der(0x18, new TextEncoder().encode(`${digits}Z`))
}

function base128(arc: number): Uint8Array {
  const digits = [arc & 0x7f]
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift((rest & 0x7f) | 0x80)
  return Uint8Array.from(digits)
}

function lengthOf({ byteLength }: Uint8Array): Uint8Array {
  if (byteLength < 0x80) return Uint8Array.of(byteLength)
  if (byteLength < 0x100) return Uint8Array.of(0x81, byteLength)
  return concat(Uint8Array.of(0x82), uint16(byteLength))
}
