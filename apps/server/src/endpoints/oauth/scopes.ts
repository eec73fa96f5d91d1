import type { Issuer } from '../../authorization/index.ts'
import type { Client } from '../../records/clients/index.ts'
import { oauthErrors } from './errors.ts'

/** The words of a list, each once. */
export function words(text: string | undefined): string[] {
  return [...new Set(text?.split(' ').filter(Boolean))]
}

/** What a request that names no scope asks for. */
export function defaultScopes({ server }: Pick<Issuer, 'server'>): string[] {
  return server.scopes.filter(({ isDefault }) => isDefault).map(({ name }) => name)
}

/** RFC 6749 §3.3. @throws {LatchkeyError} `scope_missing`, `scope_malformed` */
export function refuseScopeNames(scopes: readonly string[]): void {
  if (scopes.length === 0) throw oauthErrors.scope_missing()
  if (!scopes.every((scope) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope))) throw oauthErrors.scope_malformed()
}

/** @throws {LatchkeyError} `scope_unknown` */
export function refuseUnknownScopes({ server }: Pick<Issuer, 'server'>, scopes: readonly string[]): void {
  const known = new Set(server.scopes.map(({ name }) => name))
  const unknown = scopes.filter((scope) => !known.has(scope))
  if (unknown.length > 0) throw oauthErrors.scope_unknown({ details: { scopes: unknown } })
}

/** @throws {LatchkeyError} `scope_not_allowed` */
export function refuseForbiddenScopes({ scopes: allowed }: Pick<Client, 'scopes'>, scopes: readonly string[]): void {
  const refused = allowed ? scopes.filter((scope) => !allowed.includes(scope)) : []
  if (refused.length > 0) throw oauthErrors.scope_not_allowed({ details: { scopes: refused } })
}
