/** The two TPM 2.0 structures inside a statement (TCG, Trusted Platform Module Library, part 2). */
import { createPublicKey, hash, type KeyObject } from 'node:crypto'
import { toBase64url } from '../base64url.ts'
import { viewOf } from '../bytes.ts'
import { malformed } from './statement.ts'

const generatedMagic = 0xff544347
const attestCertify = 0x8017
const noAlgorithm = 0x0010
const types = { rsa: 0x0001, ecc: 0x0023 }
const nameHashes: Readonly<Record<number, string>> = { 4: 'sha1', 11: 'sha256', 12: 'sha384', 13: 'sha512' }
const curves: Readonly<Record<number, readonly [jwk: string, length: number]>> = {
  3: ['P-256', 32],
  4: ['P-384', 48],
  5: ['P-521', 66],
}

class Reader {
  readonly #bytes: Uint8Array
  #offset = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  take(length: number): Uint8Array {
    const end = this.#offset + length
    if (end > this.#bytes.byteLength) throw malformed('TPM structure ends too early')
    const part = this.#bytes.subarray(this.#offset, end)
    this.#offset = end
    return part
  }

  uint16 = (): number => viewOf(this.take(2)).getUint16(0)
  uint32 = (): number => viewOf(this.take(4)).getUint32(0)
  /** TPM2B: a length, then as many bytes. */
  sized = (): Uint8Array => this.take(this.uint16())

  end(): void {
    if (this.#offset !== this.#bytes.byteLength) throw malformed('bytes after a TPM structure')
  }
}

/** TPMT_PUBLIC */
export function parsePubArea(bytes: Uint8Array): { key: KeyObject } {
  const reader = new Reader(bytes)
  const type = reader.uint16()
  reader.uint16() // nameAlg
  reader.uint32() // objectAttributes
  reader.sized() // authPolicy
  skipSymmetric(reader)
  skipScheme(reader)
  const jwk = type === types.rsa ? readRsa(reader) : type === types.ecc ? readEcc(reader) : undefined
  if (!jwk) throw malformed(`pubArea type ${type}`)
  reader.end()
  try {
    return { key: createPublicKey({ key: jwk, format: 'jwk' }) }
  } catch (cause) {
    throw malformed(cause)
  }
}

/** A signing key has no symmetric algorithm; a storage key would have, and is not ours. */
function skipSymmetric(reader: Reader): void {
  if (reader.uint16() !== noAlgorithm) throw malformed('pubArea is not a signing key')
}

function skipScheme(reader: Reader): void {
  if (reader.uint16() !== noAlgorithm) reader.uint16() // hashAlg of the scheme
}

function readRsa(reader: Reader) {
  reader.uint16() // keyBits
  // 0 stands for the default exponent.
  const exponent = reader.uint32() || 65537
  const hex = exponent.toString(16)
  const e = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')
  return { kty: 'RSA', n: toBase64url(reader.sized()), e: toBase64url(e) }
}

function readEcc(reader: Reader) {
  const curve = curves[reader.uint16()]
  if (!curve) throw malformed('pubArea curve')
  if (reader.uint16() !== noAlgorithm) reader.uint16() // hashAlg of the key derivation
  return { kty: 'EC', crv: curve[0], x: coordinate(reader, curve[1]), y: coordinate(reader, curve[1]) }
}

/** TPMs may drop leading zeros. */
function coordinate(reader: Reader, length: number): string {
  const bytes = reader.sized()
  if (bytes.byteLength > length) throw malformed('pubArea coordinate')
  return toBase64url(Buffer.concat([Buffer.alloc(length - bytes.byteLength), bytes]))
}

/** TPMS_ATTEST with TPMS_CERTIFY_INFO */
export function parseCertInfo(bytes: Uint8Array): { extraData: Uint8Array; name: Uint8Array } {
  const reader = new Reader(bytes)
  if (reader.uint32() !== generatedMagic) throw malformed('certInfo was not made by a TPM')
  if (reader.uint16() !== attestCertify) throw malformed('certInfo certifies no key')
  reader.sized() // qualifiedSigner
  const extraData = reader.sized()
  reader.take(17) // clockInfo
  reader.take(8) // firmwareVersion
  const name = reader.sized()
  reader.sized() // qualifiedName
  reader.end()
  return { extraData, name }
}

/** The name of a key: its hash algorithm, then the hash of its public area. */
export function certifiedName(pubArea: Uint8Array, name: Uint8Array): Uint8Array {
  const algorithm = nameHashes[name.byteLength < 2 ? 0 : viewOf(name).getUint16(0)]
  if (!algorithm) throw malformed('name algorithm')
  return Buffer.concat([name.subarray(0, 2), hash(algorithm, pubArea, 'buffer')])
}
