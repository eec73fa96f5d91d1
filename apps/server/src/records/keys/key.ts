import type { Brand } from '../../platform/brand.ts'

/** The `kid`: the RFC 7638 thumbprint of the public key. */
export type KeyId = Brand<string, 'KeyId'>

export type SigningAlgorithm = 'RS256' | 'ES256' | 'EdDSA' | 'PS256'

/** The public key as a JWK Set shows it. */
export type PublicJwk = {
  kid: KeyId
  alg: SigningAlgorithm
  use: 'sig'
  kty: string
  n?: string
  e?: string
  crv?: string
  x?: string
  y?: string
}

export type SigningKey = {
  id: KeyId
  serverId: string
  algorithm: SigningAlgorithm
  publicJwk: PublicJwk
  createdAt: number
  /** When it may sign, once no older key does. */
  signsFrom: number
  /** When it stops signing; null: until it is rotated. */
  signsUntil: number | null
  /** When its last token has expired; null as long as it may still sign. */
  expiresAt: number | null
}

/**
 * The key that signs now: of those that may, the one that has done so for longest, until it is retired.
 *
 * @param algorithm where a server changes from one algorithm to another: the one wanted
 */
export function currentKey(
  keys: readonly SigningKey[],
  now: number,
  algorithm?: SigningAlgorithm,
): SigningKey | undefined {
  const willing = unretired(keys, now, algorithm)
  return willing.find((key) => key.signsFrom <= now)
}

/** The key that takes over when the current one is retired. */
export function nextKey(
  keys: readonly SigningKey[],
  now: number,
  algorithm?: SigningAlgorithm,
): SigningKey | undefined {
  const current = currentKey(keys, now, algorithm)
  return unretired(keys, now, algorithm).find((key) => key !== current)
}

/** The keys that belong into the JWK Set now: those that sign, will sign, or have signed tokens that still live. */
export function publishedKeys(keys: readonly SigningKey[], now: number): SigningKey[] {
  return keys.filter((key) => key.expiresAt === null || key.expiresAt > now)
}

function unretired(keys: readonly SigningKey[], now: number, algorithm?: SigningAlgorithm): SigningKey[] {
  return keys
    .filter((key) => algorithm === undefined || key.algorithm === algorithm)
    .filter((key) => key.signsUntil === null || key.signsUntil > now)
    .sort((a, b) => a.signsFrom - b.signsFrom || a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
}

/** Ties a private key's ciphertext to its row. */
export function privateKeyPurpose(org: string, serverId: string, kid: KeyId): string {
  return `signing-key:${org}:${serverId}:${kid}`
}
