import type { KeyObject } from 'node:crypto'
import type { z } from 'zod'
import type { KeyId, SigningAlgorithm, SigningKey } from '../records/keys/index.ts'
import { errors } from './errors.ts'
import { jwtHeader } from './schema.ts'
import { signBytes, verifyBytes } from './signature.ts'

export type PrivateSigningKey = { id: KeyId; algorithm: SigningAlgorithm; privateKey: KeyObject }

/** Makes a signed JWT whose header is `{ kid, alg }` and nothing else. */
export async function signJwt(claims: Readonly<Record<string, unknown>>, key: PrivateSigningKey): Promise<string> {
  const input = `${encode({ kid: key.id, alg: key.algorithm })}.${encode(claims)}`
  const signature = await signBytes(key.algorithm, Buffer.from(input), key.privateKey)
  return `${input}.${signature.toString('base64url')}`
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

export type DecodedJwt = {
  header: z.output<typeof jwtHeader>
  /** Not to be believed before `verifySignature`. */
  claims: unknown
  input: string
  signature: string
}

const shape = /^([\w-]{1,2048})\.([\w-]{1,16384})\.([\w-]{1,2048})$/

/** Tells a JWT from the opaque values that we hand out, in which no dot occurs. */
export function isJwt(token: string): boolean {
  return token.includes('.')
}

/** Reads a JWT that could be ours. @throws {LatchkeyError} `token_malformed` */
export function decodeJwt(token: string): DecodedJwt {
  const [, head, body, signature] = shape.exec(token) ?? []
  const header = jwtHeader.safeParse(decode(head))
  const claims = decode(body)
  if (!header.success || claims === undefined || head === undefined || body === undefined || signature === undefined)
    throw errors.token_malformed()
  return { header: header.data, claims, input: `${head}.${body}`, signature }
}

function decode(part: string | undefined): unknown {
  if (part === undefined) return undefined
  try {
    const bytes = Buffer.from(part, 'base64url')
    // What does not encode back was not canonical: two texts would pass for one token.
    if (bytes.toString('base64url') !== part) return undefined
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}

/**
 * Checks the signature with the key that the header names. The algorithm is the key's, never the header's word
 * (RFC 8725 §3.1).
 *
 * @throws {LatchkeyError} `token_key_unknown`, `token_algorithm_mismatch`, `token_signature_invalid`
 */
export function verifySignature(jwt: DecodedJwt, keys: readonly SigningKey[]): void {
  const key = keys.find((candidate) => candidate.id === jwt.header.kid)
  if (!key) throw errors.token_key_unknown()
  if (key.algorithm !== jwt.header.alg) throw errors.token_algorithm_mismatch()
  const signature = Buffer.from(jwt.signature, 'base64url')
  const isCanonical = signature.toString('base64url') === jwt.signature
  if (!isCanonical || !verifyBytes(key, Buffer.from(jwt.input), signature)) throw errors.token_signature_invalid()
}
