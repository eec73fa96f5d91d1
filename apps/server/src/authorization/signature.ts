import { constants, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import type { SigningAlgorithm, SigningKey } from '../records/keys/index.ts'

type Scheme = {
  /** Also the hash of `at_hash` (OpenID Connect Core §3.1.3.6). */
  hash: 'sha256' | 'sha512'
  digest: string | null
  options: { padding?: number; saltLength?: number; dsaEncoding?: 'ieee-p1363' }
}

const schemes: Readonly<Record<SigningAlgorithm, Scheme>> = {
  RS256: { hash: 'sha256', digest: 'sha256', options: { padding: constants.RSA_PKCS1_PADDING } },
  PS256: {
    hash: 'sha256',
    digest: 'sha256',
    options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
  },
  ES256: { hash: 'sha256', digest: 'sha256', options: { dsaEncoding: 'ieee-p1363' } },
  EdDSA: { hash: 'sha512', digest: null, options: {} },
}

/** The hash that belongs to a signing algorithm. */
export function hashOf(algorithm: SigningAlgorithm): 'sha256' | 'sha512' {
  return schemes[algorithm].hash
}

/** Signs in the thread pool: an RSA signature takes a millisecond, in which this thread answers others. */
export function signBytes(algorithm: SigningAlgorithm, data: Buffer, key: KeyObject): Promise<Buffer> {
  const { digest, options } = schemes[algorithm]
  return new Promise((resolve, reject) => {
    sign(digest, data, { key, ...options }, (error, signature) => (error ? reject(error) : resolve(signature)))
  })
}

/** Verifies here and now: thirty microseconds are not worth a trip to the thread pool. */
export function verifyBytes(key: SigningKey, data: Buffer, signature: Buffer): boolean {
  const { digest, options } = schemes[key.algorithm]
  return verify(digest, data, { key: publicKeyOf(key), ...options }, signature)
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
