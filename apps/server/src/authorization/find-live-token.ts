import { isLatchkeyError } from '../platform/errors.ts'
import type { Client } from '../records/clients/index.ts'
import { findGrant, type Grant } from '../records/grants/index.ts'
import { findToken } from '../records/tokens/index.ts'
import { canSignIn, findUser, type User } from '../records/users/index.ts'
import type { Deps, Issuer } from './issuer.ts'
import { isJwt } from './jwt.ts'
import type { AccessTokenClaims, IdTokenClaims } from './schema.ts'
import { verifyOwnToken, verifyStanding } from './verify-token.ts'

/** A token that holds at this moment, by what it is. */
export type LiveToken =
  | { kind: 'access'; claims: AccessTokenClaims; user?: User }
  | { kind: 'id'; claims: IdTokenClaims; user: User }
  | { kind: 'refresh'; grant: Grant; user: User; expiresAt: number }

/**
 * Finds what a client's own token stands for; undefined for one that does not hold, whatever the reason: to whoever
 * tries tokens, a stranger's looks like an invented one (RFC 7662 §4).
 */
export async function findLiveToken(
  deps: Deps,
  issuer: Issuer,
  client: Client,
  value: string,
): Promise<LiveToken | undefined> {
  if (!isJwt(value)) return await findLiveRefreshToken(deps, issuer, client, value)
  try {
    return await findLiveJwt(deps, issuer, client, value)
  } catch (thrown) {
    if (isLatchkeyError(thrown) && thrown.status < 500) return undefined
    throw thrown
  }
}

async function findLiveJwt(deps: Deps, issuer: Issuer, client: Client, value: string): Promise<LiveToken | undefined> {
  const own = await verifyOwnToken(deps, issuer, value)
  if (own.kind === 'access') {
    if (own.claims.cid !== client.id) return undefined
    const { claims, user } = await verifyStanding(deps, issuer, own)
    return { kind: 'access', claims, ...(user && { user }) }
  }
  const { aud, sub, exp } = own.claims
  if (aud !== client.id || exp * 1000 <= deps.now()) return undefined
  const user = await findUser(deps.db, issuer.org.id, sub)
  return user && canSignIn(user.status) ? { kind: 'id', claims: own.claims, user } : undefined
}

async function findLiveRefreshToken(
  { db, now }: Deps,
  { org, server }: Issuer,
  client: Client,
  value: string,
): Promise<LiveToken | undefined> {
  const at = now()
  const token = await findToken(db, org.id, 'refresh', value, at)
  // One that was replaced is over, although an answer that got lost may for a moment be asked for again with it.
  if (!token?.grantId || token.clientId !== client.id || token.revokedAt !== null || token.redeemedAt !== null)
    return undefined
  const grant = await findGrant(db, org.id, token.grantId)
  if (grant?.serverId !== server.id || grant.revokedAt !== null || grant.expiresAt <= at) return undefined
  const user = grant.userId && (await findUser(db, org.id, grant.userId))
  return user && canSignIn(user.status) ? { kind: 'refresh', grant, user, expiresAt: token.expiresAt } : undefined
}
