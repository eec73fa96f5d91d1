import { inTransaction } from '../platform/database/index.ts'
import type { RequestContext } from '../platform/http/index.ts'
import { newSecret } from '../platform/ids.ts'
import type { Client } from '../records/clients/index.ts'
import { recordEvent } from '../records/events/index.ts'
import { insertGrant, type NewGrant, type RequestedClaims } from '../records/grants/index.ts'
import { acrOf, addSessionClient, amrOf, authTimeOf, type Session } from '../records/sessions/index.ts'
import { saveToken } from '../records/tokens/index.ts'
import type { Deps, Issuer } from './issuer.ts'
import type { CodeDetails } from './schema.ts'

/** A request that is authorized: who asked, who said yes, and what for. */
export type AuthorizedRequest = {
  client: Client
  session: Session
  scopes: readonly string[]
  redirectUri: string
  codeChallenge?: string
  nonce?: string
  /** The context that the client asked for and that was reached; the strongest one where it asked for none. */
  acr?: string
  claims?: RequestedClaims
  /** The thumbprint of the key that has to redeem the code. */
  jkt?: string
  context: RequestContext
}

/**
 * Keeps a grant and issues the code that stands for it.
 *
 * @returns the code: 256 random bits, of which only the hash is kept
 */
export async function issueCode(deps: Deps, { org, server }: Issuer, request: AuthorizedRequest): Promise<string> {
  const { client, session, scopes, redirectUri, codeChallenge, jkt, context } = request
  const at = deps.now()
  const code = newSecret()
  const details: CodeDetails = {
    redirectUri,
    sessionId: session.id,
    ...(codeChallenge && { codeChallenge }),
    ...(jkt && { jkt }),
  }
  const expiresAt = at + server.settings.codeLifetimeMs
  await inTransaction(deps.db, async (tx) => {
    const grant = await insertGrant(tx, org.id, newGrant(server, request, at), at)
    await saveToken(
      tx,
      org.id,
      { kind: 'code', value: code, grantId: grant.id, clientId: client.id, details, expiresAt },
      at,
    )
    if (!session.clients.some(({ clientId }) => clientId === client.id))
      await addSessionClient(tx, org.id, session.id, client.id, at)
    const about = { grantId: grant.id, serverId: server.id, sessionId: session.id, scopes }
    await recordEvent(tx, org.id, 'grant.created', {
      at,
      userId: session.userId,
      clientId: client.id,
      context,
      details: about,
    })
  })
  return code
}

function newGrant(
  server: Issuer['server'],
  { client, session, scopes, nonce, acr, claims }: AuthorizedRequest,
  at: number,
): NewGrant {
  const { codeLifetimeMs, accessTokenLifetimeMs, refreshTokenLifetimeMs } = server.settings
  const isOffline = scopes.includes('offline_access')
  return {
    serverId: server.id,
    clientId: client.id,
    userId: session.userId,
    // What was granted for offline use outlives the session (OpenID Connect Back-Channel Logout §2.7), so that
    // whatever ends with the session does not find it.
    sessionId: isOffline ? null : session.id,
    scopes,
    details: {
      authTime: authTimeOf(session),
      amr: amrOf(session.authentications),
      acr: acr ?? acrOf(session.authentications),
      ...(nonce !== undefined && { nonce }),
      ...(claims && { claims }),
    },
    expiresAt: at + codeLifetimeMs + (isOffline ? refreshTokenLifetimeMs : 0) + accessTokenLifetimeMs,
  }
}
