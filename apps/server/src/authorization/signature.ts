import { constants, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { availableParallelism } from 'node:os'
import type { SigningAlgorithm, SigningKey } from '../records/keys/index.ts'

type Scheme = {
  /** Also the hash of `at_hash` (OpenID Connect Core §3.1.3.6). */
  hash: 'sha256' | 'sha512'
  digest: string | null
  /** Left out where Node's defaults are meant (for RSA, PKCS #1 v1.5): a key alone is read faster than with options. */
  options?: { padding?: number; saltLength?: number; dsaEncoding?: 'ieee-p1363' }
}

const schemes: Readonly<Record<SigningAlgorithm, Scheme>> = {
  RS256: { hash: 'sha256', digest: 'sha256' },
  PS256: {
    hash: 'sha256',
    digest: 'sha256',
    options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
  },
  ES256: { hash: 'sha256', digest: 'sha256', options: { dsaEncoding: 'ieee-p1363' } },
  EdDSA: { hash: 'sha512', digest: null },
}

/** The hash that belongs to a signing algorithm. */
export function hashOf(algorithm: SigningAlgorithm): 'sha256' | 'sha512' {
  return schemes[algorithm].hash
}

/** With one core the other threads would take their time from this one, and each way there and back costs more of it. */
const hasOtherCores = availableParallelism() > 1

/** Signs in the thread pool: an RSA signature takes up to a millisecond, in which this thread answers others. */
export async function signBytes(algorithm: SigningAlgorithm, data: Buffer, key: KeyObject): Promise<Buffer> {
  const { digest, options } = schemes[algorithm]
  const how = options ? { key, ...options } : key
  if (!hasOtherCores) return sign(digest, data, how)
  return await new Promise((resolve, reject) => {
    sign(digest, data, how, (error, signature) => (error ? reject(error) : resolve(signature)))
  })
}

/** Verifies here and now: thirty microseconds are not worth a trip to the thread pool. */
export function verifyBytes(key: SigningKey, data: Buffer, signature: Buffer): boolean {
  const { digest, options } = schemes[key.algorithm]
  const publicKey = publicKeyOf(key)
  return verify(digest, data, options ? { key: publicKey, ...options } : publicKey, signature)
}

/** Parsed once for as long as the cached record lives. */
const publicKeys = new WeakMap<SigningKey, KeyObject>()

function publicKeyOf(key: SigningKey): KeyObject {
  const known = publicKeys.get(key)
  if (known) return known
  const parsed = createPublicKey({ key: { ...key.publicJwk }, format: 'jwk' })
  publicKeys.set(key, parsed)
  return parsed
}
