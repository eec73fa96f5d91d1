import type { Brand } from '../../platform/brand.ts'
import type { ClientId } from '../clients/index.ts'
import type { SignOnActions } from '../policies/index.ts'
import type { UserId } from '../users/index.ts'

export type SessionId = Brand<string, 'SessionId'>

/** One proof of who the user is. */
export type Authentication = {
  readonly method: 'passkey' | 'password' | 'email-code' | 'setup-code' | 'federated'
  readonly at: number
  /** The authenticator checked a PIN or a biometric. */
  readonly userVerified?: boolean
  /** The passkey cannot leave the authenticator that made it. */
  readonly deviceBound?: boolean
  readonly identityProvider?: string
}

export type SessionClient = { readonly clientId: ClientId; readonly at: number }

export type Session = {
  readonly id: SessionId
  readonly userId: UserId
  /** The latest of each method, in the order in which they happened. */
  readonly authentications: readonly Authentication[]
  /** Whom to tell when it ends. */
  readonly clients: readonly SessionClient[]
  readonly createdAt: number
  readonly lastSeenAt: number
  readonly idleExpiresAt: number
  readonly expiresAt: number
  readonly ip: string | null
  readonly userAgent: string | null
}

/** How long a session lasts; the actions of a sign-on policy can be given as they are. */
export type SessionLifetimes = Pick<SignOnActions, 'sessionIdleMs' | 'sessionLifetimeMs'>
