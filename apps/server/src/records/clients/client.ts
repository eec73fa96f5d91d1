import type { Brand } from '../../platform/brand.ts'

export type ClientId = Brand<string, 'ClientId'>

export type ClientApplicationType = 'web' | 'native' | 'browser' | 'service'

export type ClientAuthenticationMethod =
  | 'none'
  | 'client_secret_basic'
  | 'client_secret_post'
  | 'client_secret_jwt'
  | 'private_key_jwt'

/** An OAuth client: RFC 7591 metadata and what the org decided about it. Secrets are never part of it. */
export type Client = {
  readonly id: ClientId
  readonly name: string
  readonly status: 'active' | 'inactive'
  readonly applicationType: ClientApplicationType
  readonly tokenEndpointAuthMethod: ClientAuthenticationMethod
  readonly redirectUris: readonly string[]
  readonly postLogoutRedirectUris: readonly string[]
  readonly grantTypes: readonly string[]
  readonly responseTypes: readonly string[]
  /** The only scopes it may ask for; all of the authorization server's where absent. */
  readonly scopes?: readonly string[]
  readonly clientUri?: string
  readonly logoUri?: string
  readonly initiateLoginUri?: string
  readonly jwks?: { readonly keys: readonly JsonWebKey[] }
  readonly jwksUri?: string
  readonly backchannelLogoutUri?: string
  /** Whether people are asked before it gets what it asks for. */
  readonly consent: 'required' | 'trusted'
  readonly requirePkce: boolean
  readonly createdAt: number
  readonly updatedAt: number
}

type JsonWebKey = { readonly kty: string; readonly [member: string]: unknown }

/** Tells whether the client has nothing that it could prove itself with. */
export function isPublicClient(client: Pick<Client, 'tokenEndpointAuthMethod'>): boolean {
  return client.tokenEndpointAuthMethod === 'none'
}

/**
 * Tells whether a client may authenticate in this way.
 *
 * A secret in the header and in the body are the same proof; libraries choose one without asking the registration
 * (passport-openidconnect sends every secret in the body), so that each stands for the other.
 */
export function acceptsAuthenticationMethod(
  client: Pick<Client, 'tokenEndpointAuthMethod'>,
  method: ClientAuthenticationMethod,
): boolean {
  const registered = client.tokenEndpointAuthMethod
  return registered === method || (isPlainSecret(registered) && isPlainSecret(method))
}

function isPlainSecret(method: ClientAuthenticationMethod): boolean {
  return method === 'client_secret_basic' || method === 'client_secret_post'
}
