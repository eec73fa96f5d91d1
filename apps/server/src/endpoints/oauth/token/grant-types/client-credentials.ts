import { type Issuer, issueClientTokens } from '../../../../authorization/index.ts'
import { orgServerId, standardScopes } from '../../../../records/authorization-servers/index.ts'
import type { Client } from '../../../../records/clients/index.ts'
import { oauthErrors } from '../../errors.ts'
import { defaultScopes, refuseForbiddenScopes, refuseScopeNames, refuseUnknownScopes, words } from '../../scopes.ts'
import type { GrantType } from './grant-type.ts'

/** RFC 6749 §4.4: a client acts for itself. */
export const clientCredentials: GrantType = {
  name: 'client_credentials',
  async redeem(deps, { issuer, client, values, jkt, context }) {
    if (issuer.server.id === orgServerId) refuseAtOrg(client)
    const scopes = values.scope === undefined ? requireDefaults(issuer) : words(values.scope)
    refuseScopes(issuer, client, scopes)
    return await issueClientTokens(deps, issuer, { client, scopes, jkt, context })
  },
}

/** The org's own tokens open its management API: a leaked secret must not be enough for that. */
function refuseAtOrg({ applicationType, tokenEndpointAuthMethod }: Client): void {
  if (applicationType !== 'service') throw oauthErrors.service_client_required()
  if (tokenEndpointAuthMethod !== 'private_key_jwt') throw oauthErrors.private_key_jwt_required()
}

function requireDefaults(issuer: Issuer): string[] {
  const scopes = defaultScopes(issuer).filter((scope) => !userScopes.has(scope))
  if (scopes.length === 0) throw oauthErrors.scope_default_missing()
  return scopes
}

/** Scopes that say something about a user, of whom there is none. */
const userScopes = new Set(standardScopes.map(({ name }) => name))

function refuseScopes(issuer: Issuer, client: Client, scopes: readonly string[]): void {
  refuseScopeNames(scopes)
  if (scopes.some((scope) => userScopes.has(scope))) throw oauthErrors.scope_openid_for_client()
  if (issuer.server.id === orgServerId && !scopes.every((scope) => scope.startsWith('okta.')))
    throw oauthErrors.scope_custom_at_org()
  refuseUnknownScopes(issuer, scopes)
  refuseForbiddenScopes(client, scopes)
  const asksPeople = new Set(issuer.server.scopes.flatMap(({ name, consent }) => (consent === 'required' ? name : [])))
  const refused = scopes.filter((scope) => asksPeople.has(scope))
  if (refused.length > 0)
    throw oauthErrors.scope_needs_consent({
      message: `${oauthErrors.declared.scope_needs_consent.message} [${refused.join(', ')}].`,
      details: { scopes: refused },
    })
}
