import { inTransaction } from '../platform/database/index.ts'
import type { RequestContext } from '../platform/http/index.ts'
import type { Client } from '../records/clients/index.ts'
import { recordEvent } from '../records/events/index.ts'
import { insertGrant } from '../records/grants/index.ts'
import type { Deps, Issuer } from './issuer.ts'
import { type IssuedTokens, mintTokens } from './mint.ts'

export type ClientRequestForItself = {
  /** Authenticated already. */
  client: Client
  scopes: readonly string[]
  jkt: string | undefined
  context: RequestContext
}

/**
 * Issues an access token to a client that acts for itself: no user, no session, nothing to refresh, for the client can
 * ask again (RFC 6749 §4.4.3).
 */
export async function issueClientTokens(
  deps: Deps,
  issuer: Issuer,
  { client, scopes, jkt, context }: ClientRequestForItself,
): Promise<IssuedTokens> {
  const { org, server } = issuer
  const at = deps.now()
  const grant = await inTransaction(deps.db, async (tx) => {
    const expiresAt = at + server.settings.accessTokenLifetimeMs
    const owner = { serverId: server.id, clientId: client.id, userId: null, sessionId: null }
    const kept = await insertGrant(tx, org.id, { ...owner, scopes, details: {}, expiresAt }, at)
    await recordEvent(tx, org.id, 'token.issued', {
      at,
      clientId: client.id,
      context,
      details: { grantType: 'client_credentials', grantId: kept.id, serverId: server.id, scopes },
    })
    return kept
  })
  return await mintTokens(deps, issuer, { grant, client, scopes, ...(jkt !== undefined && { jkt }) })
}
