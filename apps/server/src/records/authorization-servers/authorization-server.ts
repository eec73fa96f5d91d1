import type { Brand } from '../../platform/brand.ts'
import { day, hour, minute } from '../../platform/clock.ts'

export type ServerId = Brand<string, 'ServerId'>

/** The org's own authorization server, whose issuer is the org's address. */
export const orgServerId = 'org' as ServerId
/** The custom one that every org has from the start. */
export const defaultServerId = 'default' as ServerId

export type Scope = {
  readonly name: string
  readonly description?: string
  /** Whether a client that must ask for consent has to ask for this scope; asked where absent. */
  readonly consent?: 'implicit' | 'required'
  /** Granted where a request names no scope. */
  readonly isDefault?: boolean
}

/** Which of a user's groups a claim names; a regular expression must match all of a name, as Okta's do. */
export type GroupFilter = {
  readonly type: 'starts_with' | 'equals' | 'contains' | 'regex'
  readonly value: string
}

export type ClaimValue =
  | { readonly kind: 'static'; readonly value: unknown }
  | { readonly kind: 'profile'; readonly attribute: string }
  | { readonly kind: 'groups'; readonly filter: GroupFilter }

/** What adds a claim to a token. */
export type ClaimRule = {
  readonly name: string
  readonly token: 'access' | 'id'
  readonly value: ClaimValue
  /** Only beside one of these scopes. */
  readonly scopes?: readonly string[]
  /** False spares the ID token: the claim is then fetched from the userinfo endpoint. */
  readonly always?: boolean
}

export type AuthorizationServerSettings = {
  readonly accessTokenLifetimeMs: number
  readonly idTokenLifetimeMs: number
  readonly codeLifetimeMs: number
  readonly refreshTokenLifetimeMs: number
  readonly signingAlgorithm: 'RS256'
}

export const defaultSettings: AuthorizationServerSettings = {
  accessTokenLifetimeMs: hour,
  idTokenLifetimeMs: hour,
  codeLifetimeMs: minute,
  refreshTokenLifetimeMs: 90 * day,
  // Okta's own clients verify nothing else.
  signingAlgorithm: 'RS256',
}

export type AuthorizationServer = {
  readonly id: ServerId
  readonly name: string
  readonly description: string
  readonly status: 'active' | 'inactive'
  /** Who the access tokens are for; none for the org's own, whose audience is its issuer. */
  readonly audiences: readonly string[]
  readonly scopes: readonly Scope[]
  readonly claims: readonly ClaimRule[]
  readonly settings: AuthorizationServerSettings
  readonly createdAt: number
  readonly updatedAt: number
}

/** The scopes of OpenID Connect that every authorization server knows. */
export const standardScopes: readonly Scope[] = [
  { name: 'openid', description: 'Sign you in', consent: 'implicit' },
  { name: 'profile', description: 'See your name and profile' },
  { name: 'email', description: 'See your e-mail address' },
  { name: 'address', description: 'See your postal address' },
  { name: 'phone', description: 'See your phone number' },
  { name: 'offline_access', description: 'Keep access while you are away' },
  { name: 'groups', description: 'See the groups that you belong to' },
]
