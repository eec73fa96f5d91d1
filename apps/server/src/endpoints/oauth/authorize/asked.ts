import type { Issuer } from '../../../authorization/index.ts'
import type { Client } from '../../../records/clients/index.ts'
import { type Assurance, assuranceOf } from '../../../records/sessions/index.ts'
import type { OnceParameters } from '../schema.ts'
import { defaultScopes, words } from '../scopes.ts'
import { essentialContexts } from './claims.ts'

/** An authorization request whose client and redirect URI are known to belong together. */
export type Asked = { issuer: Issuer; client: Client; redirectUri: string } & OnceParameters

/** What is asked for, each scope once: passport-openidconnect asks for `openid openid profile`. */
export function askedScopes({ values, issuer }: Pick<Asked, 'values' | 'issuer'>): string[] {
  return values.scope === undefined ? defaultScopes(issuer) : words(values.scope)
}

/**
 * What will be granted. `offline_access` is left out for a client that could not redeem a refresh token
 * (OpenID Connect Core §11 wants it ignored then).
 */
export function grantedScopes(asked: Asked): string[] {
  const canRefresh = asked.client.grantTypes.includes('refresh_token')
  return askedScopes(asked).filter((scope) => scope !== 'offline_access' || canRefresh)
}

export function askedPrompts({ values }: Pick<Asked, 'values'>): string[] {
  return words(values.prompt)
}

/** The contexts that are asked for and known here, in the client's order; others are wishes that nobody can grant. */
export function askedContexts({ values }: Pick<Asked, 'values'>): string[] {
  return [...essentialContexts({ values }), ...words(values.acr_values)].filter((acr) => assuranceOf(acr) !== undefined)
}

/** What those mean to the sign-in. */
export function askedAssurances(asked: Pick<Asked, 'values'>): Assurance[] {
  return askedContexts(asked).flatMap((acr) => assuranceOf(acr) ?? [])
}
