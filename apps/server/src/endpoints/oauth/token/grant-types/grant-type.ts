import type { IssuedTokens, Issuer } from '../../../../authorization/index.ts'
import type { RequestContext } from '../../../../platform/http/index.ts'
import type { Client } from '../../../../records/clients/index.ts'
import type { OAuthDeps } from '../../house.ts'

export type TokenRequest = {
  issuer: Issuer
  /** Authenticated, and registered for this grant type. */
  client: Client
  values: Readonly<Record<string, string>>
  /** The thumbprint of the key that the tokens are to be bound to. */
  jkt: string | undefined
  context: RequestContext
}

/** One way to come by tokens: a value of `grant_type`. */
export type GrantType = {
  name: string
  redeem(deps: OAuthDeps, request: TokenRequest): Promise<IssuedTokens>
}
