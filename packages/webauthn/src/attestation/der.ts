/** Just enough DER to look into attestation certificates. Throws RangeError on anything that is not DER. */
export type DerNode = {
  /** 0 universal, 1 application, 2 context, 3 private */
  tagClass: number
  tag: number
  value: Uint8Array
  /** Head and value. */
  bytes: Uint8Array
}

/** Reads one node that starts at the offset; without an offset it must fill the bytes. */
export function readDer(bytes: Uint8Array, offset?: number): DerNode {
  const start = offset ?? 0
  const head = readTag(bytes, start)
  const { length, next } = readLength(bytes, head.next)
  const end = next + length
  if (end > bytes.byteLength) throw new RangeError('DER ends too early')
  if (offset === undefined && end !== bytes.byteLength) throw new RangeError('bytes after DER')
  return { tagClass: head.tagClass, tag: head.tag, value: bytes.subarray(next, end), bytes: bytes.subarray(start, end) }
}

/** Reads all the nodes that stand one after the other. */
export function readChildren(bytes: Uint8Array): DerNode[] {
  const nodes: DerNode[] = []
  for (let offset = 0; offset < bytes.byteLength; ) {
    const node = readDer(bytes, offset)
    nodes.push(node)
    offset += node.bytes.byteLength
  }
  return nodes
}

/** The bytes of an OCTET STRING. */
export function readOctets({ tagClass, tag, value }: DerNode): Uint8Array {
  if (tagClass !== 0 || tag !== 4) throw new RangeError('not an OCTET STRING')
  return value
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** UTF8String, or one of the older strings that names are written in. */
export function readText({ tagClass, tag, value }: DerNode): string {
  if (tagClass !== 0) throw new RangeError('not a string')
  if (tag === 12) return utf8.decode(value)
  // PrintableString, T61String, IA5String
  if (tag === 19 || tag === 20 || tag === 22) return Buffer.from(value).toString('latin1')
  throw new RangeError('not a string that names are written in')
}

/** A small non-negative INTEGER or ENUMERATED. */
export function readInteger({ value }: DerNode): number {
  if (value.byteLength === 0 || value.byteLength > 4 || byteAt(value, 0) > 0x7f)
    throw new RangeError('not a small integer')
  return value.reduce((sum, byte) => sum * 256 + byte, 0)
}

export function readObjectIdentifier({ value }: DerNode): string {
  const arcs: number[] = []
  let arc = 0
  for (const byte of value) {
    arc = arc * 128 + (byte & 0x7f)
    if (byte > 0x7f) continue
    arcs.push(arc)
    arc = 0
  }
  const [first = 0, ...others] = arcs
  const root = Math.min(Math.floor(first / 40), 2)
  return [root, first - root * 40, ...others].join('.')
}

function readTag(bytes: Uint8Array, offset: number): { tagClass: number; tag: number; next: number } {
  const first = byteAt(bytes, offset)
  const tagClass = first >> 6
  if ((first & 0x1f) !== 0x1f) return { tagClass, tag: first & 0x1f, next: offset + 1 }
  let tag = 0
  for (let next = offset + 1; next < offset + 5; next += 1) {
    const byte = byteAt(bytes, next)
    tag = tag * 128 + (byte & 0x7f)
    if (byte <= 0x7f) return { tagClass, tag, next: next + 1 }
  }
  throw new RangeError('DER tag too long')
}

function readLength(bytes: Uint8Array, offset: number): { length: number; next: number } {
  const first = byteAt(bytes, offset)
  if (first <= 0x7f) return { length: first, next: offset + 1 }
  const count = first & 0x7f
  if (count === 0 || count > 3) throw new RangeError('DER length')
  let length = 0
  for (let index = 1; index <= count; index += 1) length = length * 256 + byteAt(bytes, offset + index)
  return { length, next: offset + 1 + count }
}

function byteAt(bytes: Uint8Array, offset: number): number {
  const byte = bytes[offset]
  if (byte === undefined) throw new RangeError('DER ends too early')
  return byte
}
