import { constants, createHmac, createPublicKey, hash, type JsonWebKey, type KeyObject, verify } from 'node:crypto'
import { isEqualSecret } from '../platform/vault.ts'
import { type ForeignHeader, foreignHeader } from './schema.ts'

/** A public key as its owner published it (RFC 7517). */
export type PublishedKey = { readonly kty: string; readonly [member: string]: unknown }

/** A JWT that somebody else made; not to be believed before its signature was verified. */
export type ForeignJwt = { header: ForeignHeader; claims: unknown; input: string; signature: Buffer }

type Scheme = {
  kty: 'RSA' | 'EC' | 'OKP'
  crv?: readonly string[]
  digest: string | null
  options: { padding?: number; saltLength?: number; dsaEncoding?: 'ieee-p1363' }
}

const pkcs1 = { padding: constants.RSA_PKCS1_PADDING }
const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
const raw = { dsaEncoding: 'ieee-p1363' } as const

/** RFC 7518 §3.1 without `none`, and without anything that shares a secret. */
const schemes: Readonly<Record<string, Scheme>> = {
  RS256: { kty: 'RSA', digest: 'sha256', options: pkcs1 },
  RS384: { kty: 'RSA', digest: 'sha384', options: pkcs1 },
  RS512: { kty: 'RSA', digest: 'sha512', options: pkcs1 },
  PS256: { kty: 'RSA', digest: 'sha256', options: pss },
  PS384: { kty: 'RSA', digest: 'sha384', options: pss },
  PS512: { kty: 'RSA', digest: 'sha512', options: pss },
  ES256: { kty: 'EC', crv: ['P-256'], digest: 'sha256', options: raw },
  ES384: { kty: 'EC', crv: ['P-384'], digest: 'sha384', options: raw },
  ES512: { kty: 'EC', crv: ['P-521'], digest: 'sha512', options: raw },
  EdDSA: { kty: 'OKP', crv: ['Ed25519'], digest: null, options: {} },
  Ed25519: { kty: 'OKP', crv: ['Ed25519'], digest: null, options: {} },
}

const macs: Readonly<Record<string, string>> = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' }

/** The algorithms by which others may sign what they send us. */
export const foreignAlgorithms: readonly string[] = Object.keys(schemes)
/** The algorithms that prove a shared secret. */
export const secretAlgorithms: readonly string[] = Object.keys(macs)

const shape = /^([\w-]{2,4096})\.([\w-]{2,32768})\.([\w-]*)$/

/**
 * Reads a JWT that somebody else made; undefined for what is none.
 *
 * A header with `crit` is refused whole: it says that not understanding it is dangerous, and we understand no extension.
 */
export function decodeForeignJwt(text: string): ForeignJwt | undefined {
  const [, head, body, signature] = shape.exec(text) ?? []
  if (head === undefined || body === undefined || signature === undefined) return undefined
  const header = foreignHeader.safeParse(decode(head))
  const claims = decode(body)
  const bytes = Buffer.from(signature, 'base64url')
  // What does not encode back was not canonical: many texts would pass for one, and each for unused.
  if (!header.success || claims === undefined || bytes.toString('base64url') !== signature) return undefined
  return { header: header.data, claims, input: `${head}.${body}`, signature: bytes }
}

function decode(part: string): unknown {
  try {
    const bytes = Buffer.from(part, 'base64url')
    if (bytes.toString('base64url') !== part) return undefined
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}

/** Why a signature does not count; nothing where it does. */
export type SignatureProblem = 'algorithm' | 'key' | 'signature'

/**
 * Verifies a signature with one of the signer's published keys.
 *
 * The key decides what it may be used for, never the header: a key's type, curve, `use` and `alg` have to agree with
 * the algorithm (RFC 8725 §3.1), and only keys from `keys` are looked at, whatever else the header points to.
 */
export function verifyForeignJwt(jwt: ForeignJwt, keys: readonly PublishedKey[]): SignatureProblem | undefined {
  const { alg, kid } = jwt.header
  const scheme = Object.hasOwn(schemes, alg) ? schemes[alg] : undefined
  if (!scheme) return 'algorithm'
  const named = kid === undefined ? keys : keys.filter((key) => key.kid === kid)
  const fitting = named.filter((key) => isFitting(key, alg, scheme))
  if (fitting.length === 0) return 'key'
  return fitting.some((key) => isSignedBy(jwt, key, scheme)) ? undefined : 'signature'
}

function isFitting(key: PublishedKey, alg: string, { kty, crv }: Scheme): boolean {
  if (key.kty !== kty || (crv && !crv.some((curve) => curve === key.crv))) return false
  if (key.use !== undefined && key.use !== 'sig') return false
  if (Array.isArray(key.key_ops) && !key.key_ops.includes('verify')) return false
  return key.alg === undefined || key.alg === alg || isEdwards(key.alg, alg)
}

/** RFC 9864 gave the one curve that both names mean a name of its own. */
const isEdwards = (...names: unknown[]) => names.every((name) => name === 'EdDSA' || name === 'Ed25519')

function isSignedBy({ input, signature }: ForeignJwt, key: PublishedKey, { digest, options }: Scheme): boolean {
  const parsed = parseKey(key)
  if (!parsed) return false
  try {
    return verify(digest, Buffer.from(input), { key: parsed, ...options }, signature)
  } catch {
    return false
  }
}

/** Parsed once for as long as the record that it came with lives. */
const parsedKeys = new WeakMap<PublishedKey, KeyObject | null>()
const shortestModulus = 2048

function parseKey(key: PublishedKey): KeyObject | null {
  const known = parsedKeys.get(key)
  if (known !== undefined) return known
  const parsed = parseAnew(key)
  parsedKeys.set(key, parsed)
  return parsed
}

function parseAnew(key: PublishedKey): KeyObject | null {
  try {
    const parsed = createPublicKey({ key: { ...key } satisfies JsonWebKey, format: 'jwk' })
    const bits = parsed.asymmetricKeyDetails?.modulusLength
    return bits !== undefined && bits < shortestModulus ? null : parsed
  } catch {
    return null
  }
}

/** RFC 7518 §3.2 asks for a key at least as long as the hash of HS256. */
const shortestSecret = 32

/** Verifies a signature with a secret that both sides know: any of the live ones, all of them compared. */
export function verifySecretJwt(jwt: ForeignJwt, secrets: readonly string[]): SignatureProblem | undefined {
  const { alg } = jwt.header
  const digest = Object.hasOwn(macs, alg) ? macs[alg] : undefined
  if (digest === undefined) return 'algorithm'
  const usable = secrets.filter((secret) => Buffer.byteLength(secret) >= shortestSecret)
  if (usable.length === 0) return 'key'
  const given = jwt.signature.toString('base64url')
  const matching = usable.filter((secret) =>
    isEqualSecret(createHmac(digest, secret).update(jwt.input).digest('base64url'), given),
  )
  return matching.length > 0 ? undefined : 'signature'
}

/** The members that make a key what it is, in the order of RFC 7638 §3.2. */
const required: Readonly<Record<string, readonly string[]>> = {
  RSA: ['e', 'kty', 'n'],
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
}

/** The name that a key has wherever it turns up (RFC 7638). */
export function thumbprintOf(key: PublishedKey): string {
  const members = (required[key.kty] ?? []).map((member) => [member, key[member]])
  return hash('sha256', JSON.stringify(Object.fromEntries(members)), 'base64url')
}
