import { constants, createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto'
import { toBase64url } from './base64url.ts'
import { type CborMap, type CborValue, decodeCbor } from './cbor.ts'
import { CeremonyError } from './errors.ts'

export type Algorithm = {
  id: number
  keyType: 'EC' | 'RSA' | 'OKP' | 'AKP'
  hash: 'sha1' | 'sha256' | 'sha384' | 'sha512' | null
  /** COSE curve, JWK curve and coordinate length. */
  curve?: readonly [cose: number, jwk: string, length: number]
  /** JWK name and length of a key pair that is known by its algorithm alone. */
  akp?: readonly [jwk: string, length: number]
  pss?: true
}

/** WebAuthn §5.8.5 binds each ECDSA id to one curve. */
const algorithms: readonly Algorithm[] = [
  { id: -7, keyType: 'EC', hash: 'sha256', curve: [1, 'P-256', 32] },
  { id: -35, keyType: 'EC', hash: 'sha384', curve: [2, 'P-384', 48] },
  { id: -36, keyType: 'EC', hash: 'sha512', curve: [3, 'P-521', 66] },
  { id: -8, keyType: 'OKP', hash: null, curve: [6, 'Ed25519', 32] },
  { id: -53, keyType: 'OKP', hash: null, curve: [7, 'Ed448', 57] },
  { id: -257, keyType: 'RSA', hash: 'sha256' },
  { id: -258, keyType: 'RSA', hash: 'sha384' },
  { id: -259, keyType: 'RSA', hash: 'sha512' },
  { id: -37, keyType: 'RSA', hash: 'sha256', pss: true },
  { id: -38, keyType: 'RSA', hash: 'sha384', pss: true },
  { id: -39, keyType: 'RSA', hash: 'sha512', pss: true },
  { id: -48, keyType: 'AKP', hash: null, akp: ['ML-DSA-44', 1312] },
  { id: -49, keyType: 'AKP', hash: null, akp: ['ML-DSA-65', 1952] },
  { id: -50, keyType: 'AKP', hash: null, akp: ['ML-DSA-87', 2592] },
]

const byId = new Map(algorithms.filter(isVerifiable).map((algorithm) => [algorithm.id, algorithm]))

/** COSE ids of every algorithm that this runtime can verify. */
export const supportedAlgorithms: readonly number[] = [...byId.keys()]

/** What to offer: Ed25519, ES256, RS256, and ML-DSA-44 where the runtime can verify it. */
export const defaultAlgorithms: readonly number[] = [-8, -7, -257, -48].filter((id) => byId.has(id))

export function findAlgorithm(id: number): Algorithm | undefined {
  return byId.get(id)
}

export type PublicKey = { algorithm: Algorithm; key: KeyObject }

/** Turns a COSE_Key into a key that can verify, or refuses it. */
export function parsePublicKey(cose: CborValue): PublicKey {
  if (!(cose instanceof Map)) throw malformed('not a map')
  const id = cose.get(3)
  if (typeof id !== 'number') throw malformed('no algorithm')
  const algorithm = byId.get(id)
  if (!algorithm) throw new CeremonyError('algorithm_unsupported', id)
  return { algorithm, key: importKey(toJwk(cose, algorithm)) }
}

export function verifySignature({ algorithm, key }: PublicKey, data: Uint8Array, signature: Uint8Array): boolean {
  const { hash, pss } = algorithm
  if (!pss) return verify(hash, data, key, signature)
  const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_DIGEST: saltLength } = constants
  return verify(hash, data, { key, padding, saltLength }, signature)
}

const coseKeyTypes = { OKP: 1, EC: 2, RSA: 3, AKP: 7 } as const

function toJwk(cose: CborMap, algorithm: Algorithm): JsonWebKey {
  const { keyType, curve, akp } = algorithm
  if (cose.get(1) !== coseKeyTypes[keyType]) throw malformed('key type does not fit the algorithm')
  if (keyType === 'RSA') return rsaJwk(cose)
  if (akp) return { kty: 'AKP', alg: akp[0], pub: member(exactly(cose, 3), -1, akp[1]) }
  if (!curve || cose.get(-1) !== curve[0]) throw malformed('curve does not fit the algorithm')
  if (keyType === 'OKP') return { kty: 'OKP', crv: curve[1], x: member(exactly(cose, 4), -2, curve[2]) }
  exactly(cose, 5)
  return { kty: 'EC', crv: curve[1], x: member(cose, -2, curve[2]), y: member(cose, -3, curve[2]) }
}

/** At least 2048 bits by today's rules, at most 8192: verification time grows with the square. */
function rsaJwk(cose: CborMap): JsonWebKey {
  exactly(cose, 4)
  const n = cose.get(-1)
  const e = cose.get(-2)
  if (!(n instanceof Uint8Array) || !(e instanceof Uint8Array)) throw malformed('RSA member is not bytes')
  const bits = n.byteLength * 8 - Math.clz32(n[0] ?? 0) + 24
  if (n[0] === 0 || bits < 2048 || bits > 8192) throw malformed('RSA modulus size')
  const exponent = e.reduce((sum, byte) => sum * 256 + byte, 0)
  if (e.byteLength > 4 || e[0] === 0 || exponent < 3 || exponent % 2 === 0) throw malformed('RSA exponent')
  return { kty: 'RSA', n: toBase64url(n), e: toBase64url(e) }
}

/** §6.5.1.1: a credential public key holds its required members and no others. */
function exactly(cose: CborMap, members: number): CborMap {
  if (cose.size !== members) throw malformed('members missing or too many')
  return cose
}

function member(cose: CborMap, label: number, length: number): string {
  const value = cose.get(label)
  if (!(value instanceof Uint8Array) || value.byteLength !== length) throw malformed(`member ${label}`)
  return toBase64url(value)
}

function importKey(key: JsonWebKey): KeyObject {
  try {
    return createPublicKey({ key, format: 'jwk' })
  } catch (cause) {
    // OpenSSL refuses points that are not on the curve.
    throw new CeremonyError('public_key_malformed', cause)
  }
}

/** Edwards curves and ML-DSA depend on how the runtime was built. */
function isVerifiable({ curve, akp, keyType }: Algorithm): boolean {
  const zeros = (length: number) => toBase64url(new Uint8Array(length))
  try {
    if (akp) createPublicKey({ key: { kty: 'AKP', alg: akp[0], pub: zeros(akp[1]) }, format: 'jwk' })
    if (curve && keyType === 'OKP') {
      createPublicKey({ key: { kty: 'OKP', crv: curve[1], x: zeros(curve[2]) }, format: 'jwk' })
    }
    return true
  } catch {
    return false
  }
}

function malformed(why: string): CeremonyError {
  return new CeremonyError('public_key_malformed', why)
}

/** Importing a key costs about as much as a verification; people who sign in again find theirs here. */
const cacheSize = 2048
const cache = new Map<string, PublicKey>()

export function cachedPublicKey(bytes: Uint8Array): PublicKey {
  const name = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  const known = cache.get(name)
  const key = known ?? parsePublicKey(decodeKey(bytes))
  if (known) cache.delete(name)
  else if (cache.size >= cacheSize) {
    const [oldest] = cache.keys()
    if (oldest !== undefined) cache.delete(oldest)
  }
  // Deleted and set again: a Map keeps the order of insertion, so the first entry is the least recently used.
  cache.set(name, key)
  return key
}

function decodeKey(bytes: Uint8Array): CborValue {
  try {
    return decodeCbor(bytes)
  } catch (cause) {
    throw new CeremonyError('public_key_malformed', cause)
  }
}
