import { generateKeyPair, hash, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import type { PublicJwk, SigningAlgorithm } from './key.ts'
import { keyIdSchema } from './schema.ts'

const generate = promisify(generateKeyPair)

/** A key pair that is not kept yet. */
export type NewSigningKey = { publicJwk: PublicJwk; privateKey: KeyObject }

type KeyPair = { publicKey: KeyObject; privateKey: KeyObject }

const rsa = (): Promise<KeyPair> => generate('rsa', { modulusLength: 2048, publicExponent: 0x10001 })

const generators: Readonly<Record<SigningAlgorithm, () => Promise<KeyPair>>> = {
  RS256: rsa,
  PS256: rsa,
  ES256: () => generate('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generate('ed25519'),
}

/**
 * Makes a key pair. An RSA key takes about a tenth of a second of the thread pool, so make it before a database
 * transaction begins.
 */
export async function newSigningKey(algorithm: SigningAlgorithm): Promise<NewSigningKey> {
  const { publicKey, privateKey } = await generators[algorithm]()
  const { kty = '', n, e, crv, x, y } = publicKey.export({ format: 'jwk' })
  const members = Object.entries({ crv, e, kty, n, x, y }).filter(([, value]) => value !== undefined)
  // RFC 7638: the required members in lexicographic order, which for these three types (RFC 8037 for OKP) are all we take.
  const kid = keyIdSchema.parse(hash('sha256', JSON.stringify(Object.fromEntries(members)), 'base64url'))
  return { publicJwk: { kid, alg: algorithm, use: 'sig', kty, ...Object.fromEntries(members) }, privateKey }
}
