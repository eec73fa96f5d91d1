import type { Brand } from '../../platform/brand.ts'
import type { ServerId } from '../authorization-servers/index.ts'
import type { ClientId } from '../clients/index.ts'
import type { SessionId } from '../sessions/index.ts'
import type { UserId } from '../users/index.ts'

export type GrantId = Brand<string, 'GrantId'>

export type RequestedClaims = { readonly idToken?: readonly string[]; readonly userinfo?: readonly string[] }

/** What tokens of the grant say besides the client, the user and the scopes. */
export type GrantDetails = {
  /** Milliseconds; the claim is in seconds. */
  readonly authTime?: number
  readonly amr?: readonly string[]
  readonly acr?: string
  readonly nonce?: string
  readonly audience?: readonly string[]
  /** Claims that were asked for by name, beside those of the scopes (OpenID Connect Core §5.5). */
  readonly claims?: RequestedClaims
  readonly identityProvider?: string
}

export type Grant = {
  readonly id: GrantId
  readonly serverId: ServerId
  readonly clientId: ClientId
  /** Null where the client acts for itself. */
  readonly userId: UserId | null
  /** Null where no browser session stands behind it. */
  readonly sessionId: SessionId | null
  readonly scopes: readonly string[]
  readonly details: GrantDetails
  readonly createdAt: number
  readonly expiresAt: number
  readonly revokedAt: number | null
}
