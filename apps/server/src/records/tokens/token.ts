import type { ClientId } from '../clients/index.ts'
import type { GrantId } from '../grants/index.ts'

export type TokenKind = 'code' | 'refresh' | 'access-revoked' | 'setup' | 'registration' | 'pushed-request' | ProofKind

/** Proofs that others make, each good for once: of these the room remembers that they were there. */
export type ProofKind = 'client-assertion' | 'request-object' | 'dpop-proof'

/** What the issuer of a kind keeps with it; its own to read back. Never a secret. */
export type TokenDetails = object

export type StoredToken<Details extends TokenDetails = Readonly<Record<string, unknown>>> = {
  readonly kind: TokenKind
  readonly grantId: GrantId | null
  readonly clientId: ClientId | null
  readonly details: Details
  readonly createdAt: number
  readonly expiresAt: number
  /** When it was first redeemed. */
  readonly redeemedAt: number | null
  readonly revokedAt: number | null
}

export type NewToken = {
  readonly kind: TokenKind
  /** The value itself, of at least 128 random bits; only its hash is kept. */
  readonly value: string
  readonly grantId?: GrantId
  readonly clientId?: ClientId
  readonly details: TokenDetails
  readonly expiresAt: number
}
