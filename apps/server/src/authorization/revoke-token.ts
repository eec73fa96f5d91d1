import { inTransaction } from '../platform/database/index.ts'
import { isLatchkeyError } from '../platform/errors.ts'
import type { RequestContext } from '../platform/http/index.ts'
import type { Client } from '../records/clients/index.ts'
import { recordEvent } from '../records/events/index.ts'
import { findGrant } from '../records/grants/index.ts'
import { findToken, saveToken } from '../records/tokens/index.ts'
import { endGrant } from './end-grant.ts'
import { errors } from './errors.ts'
import type { Deps, Issuer } from './issuer.ts'
import { isJwt } from './jwt.ts'
import { type OwnAccessToken, verifyOwnToken } from './verify-token.ts'

export type Revocation = {
  /** Authenticated already. */
  client: Client
  value: string
  context: RequestContext
}

/**
 * Ends a token that its client has no more use for; one that means nothing here has ended already.
 *
 * A refresh token takes with it all that came of its grant (RFC 7009 §2.1). An access token goes alone: the refresh
 * token beside it may be in use elsewhere in the same application.
 *
 * @throws {LatchkeyError} `revocation_client_mismatch`, `token_kind_not_revocable`
 */
export async function revokePresentedToken(deps: Deps, issuer: Issuer, revocation: Revocation): Promise<void> {
  if (!isJwt(revocation.value)) return await revokeRefreshToken(deps, issuer, revocation)
  const own = await verifyOwnToken(deps, issuer, revocation.value).catch((thrown: unknown) => {
    if (isLatchkeyError(thrown) && thrown.status < 500) return undefined
    throw thrown
  })
  if (!own) return
  const owner = own.kind === 'access' ? own.claims.cid : own.claims.aud
  if (owner !== revocation.client.id) throw errors.revocation_client_mismatch()
  if (own.kind === 'id') throw errors.token_kind_not_revocable()
  await revokeAccessToken(deps, issuer, revocation, own)
}

/** Nothing was kept of the token when it was issued; from now on its id is, until it would have expired. */
async function revokeAccessToken(
  { db, now }: Deps,
  { org, server }: Issuer,
  { client, context }: Revocation,
  { claims: { jti, exp, uid }, grantId }: OwnAccessToken,
): Promise<void> {
  const at = now()
  const expiresAt = exp * 1000
  if (expiresAt <= at) return
  await inTransaction(db, async (tx) => {
    if (await findToken(tx, org.id, 'access-revoked', jti, at)) return
    // Without the grant's id: what ends with a grant is looked up by it, and this has ended.
    await saveToken(tx, org.id, { kind: 'access-revoked', value: jti, clientId: client.id, details: {}, expiresAt }, at)
    await recordEvent(tx, org.id, 'token.revoked', {
      at,
      ...(uid !== undefined && { userId: uid }),
      clientId: client.id,
      context,
      details: { kind: 'access', grantId, serverId: server.id },
    })
  })
}

async function revokeRefreshToken(
  { db, now }: Deps,
  { org, server }: Issuer,
  { client, value, context }: Revocation,
): Promise<void> {
  const at = now()
  await inTransaction(db, async (tx) => {
    const token = await findToken(tx, org.id, 'refresh', value, at)
    const grant = token?.grantId && (await findGrant(tx, org.id, token.grantId))
    if (!grant || grant.serverId !== server.id) return
    if (grant.clientId !== client.id) throw errors.revocation_client_mismatch()
    if (grant.revokedAt !== null) return
    await recordEvent(tx, org.id, 'token.revoked', {
      at,
      ...(grant.userId && { userId: grant.userId }),
      clientId: client.id,
      context,
      details: { kind: 'refresh', grantId: grant.id, serverId: server.id },
    })
    await endGrant(tx, org.id, grant, { at, reason: 'token_revoked', context })
  })
}
