import { second } from '../platform/clock.ts'
import { inTransaction, type Transaction } from '../platform/database/index.ts'
import type { LatchkeyError } from '../platform/errors.ts'
import type { RequestContext } from '../platform/http/index.ts'
import type { Vault } from '../platform/vault.ts'
import { type Client, isPublicClient } from '../records/clients/index.ts'
import { recordEvent } from '../records/events/index.ts'
import { findGrant, type Grant } from '../records/grants/index.ts'
import type { OrgId } from '../records/orgs/index.ts'
import { findToken, redeemToken, type StoredToken, saveToken } from '../records/tokens/index.ts'
import { canSignIn, findUser, type User } from '../records/users/index.ts'
import { endGrant } from './end-grant.ts'
import { errors } from './errors.ts'
import type { Deps, Issuer } from './issuer.ts'
import { type IssuedTokens, type Minting, mintTokens } from './mint.ts'
import { type RefreshDetails, refreshDetails } from './schema.ts'

/** For how long a rotated token still answers: an answer that got lost on its way can be asked for again. */
const rotationGraceMs = 30 * second

export type Refresh = {
  /** Authenticated already. */
  client: Client
  value: string
  /** Fewer scopes than were granted; all of them where absent. */
  scopes: readonly string[] | undefined
  /** The thumbprint of the key that proved itself beside the token. */
  jkt: string | undefined
  context: RequestContext
}

/**
 * Mints new tokens for a refresh token.
 *
 * A public client's refresh token is replaced at each use. The successor is derived from it, so that everyone who
 * presents the same token within the grace gets the same successor: a family has one living token whatever happens
 * at once. A token that comes after the grace, or after its successor was used, is in two hands: the family ends
 * (RFC 9700 §4.14.2). A confidential client proves itself each time, and keeps its token.
 *
 * @throws {LatchkeyError} `refresh_token_unknown`, `refresh_token_reused`, `refresh_client_mismatch`,
 * `refresh_server_mismatch`, `refresh_key_mismatch`, `refresh_grant_revoked`, `refresh_user_not_active`, `refresh_scope_exceeded`
 */
export async function refreshTokens(deps: Deps, issuer: Issuer, refresh: Refresh): Promise<IssuedTokens> {
  const taken = await inTransaction(deps.db, (tx) => take(tx, deps, issuer, refresh))
  if ('refusal' in taken) throw taken.refusal
  return await mintTokens(deps, issuer, taken)
}

type Found = { token: StoredToken; isReused: boolean }
type Taken = Minting | { refusal: LatchkeyError }

async function take(tx: Transaction, { vault, now }: Deps, issuer: Issuer, refresh: Refresh): Promise<Taken> {
  const { org } = issuer
  const { client, value, jkt, context } = refresh
  const at = now()
  const found = await findPresented(tx, org.id, refresh, at)
  // Refusals that say nothing of theft are thrown in here: that undoes the taking, and the token stays good.
  const { grant, user } = await checkPresented(tx, issuer, refresh, found.token, at)
  const kin = refreshDetails.parse(found.token.details)
  const kept = isPublicClient(client)
    ? await rotate(tx, vault, org.id, { found, value, kin, at })
    : { value, isTheft: found.isReused }
  if (kept.isTheft) return await refuseReuse(tx, org.id, grant, { at, context })
  const scopes = refresh.scopes ?? grant.scopes
  await recordEvent(tx, org.id, 'token.issued', {
    at,
    userId: user.id,
    clientId: client.id,
    context,
    details: { grantType: 'refresh_token', grantId: grant.id, serverId: issuer.server.id, scopes },
  })
  const session = grant.sessionId === null ? {} : { sessionId: grant.sessionId }
  return {
    grant,
    client,
    user,
    scopes,
    ...session,
    refresh: { id: kin.id, value: kept.value },
    ...(jkt !== undefined && { jkt }),
  }
}

async function findPresented(tx: Transaction, org: OrgId, { client, value }: Refresh, at: number): Promise<Found> {
  if (isPublicClient(client)) {
    const redemption = await redeemToken(tx, org, 'refresh', value, at)
    if (redemption.outcome === 'unknown') throw errors.refresh_token_unknown()
    return { token: redemption.token, isReused: redemption.outcome === 'reused' }
  }
  const token = await findToken(tx, org, 'refresh', value, at)
  if (!token) throw errors.refresh_token_unknown()
  // Rotated once, when the client was a public one still.
  return { token, isReused: token.redeemedAt !== null }
}

async function checkPresented(
  tx: Transaction,
  { org, server }: Issuer,
  { client, scopes, jkt }: Refresh,
  token: StoredToken,
  at: number,
): Promise<{ grant: Grant; user: User }> {
  if (token.clientId !== client.id) throw errors.refresh_client_mismatch()
  const grant = token.grantId && (await findGrant(tx, org.id, token.grantId))
  if (!grant) throw errors.refresh_token_unknown()
  if (grant.serverId !== server.id) throw errors.refresh_server_mismatch()
  if (grant.revokedAt !== null || grant.expiresAt <= at || token.revokedAt !== null)
    throw errors.refresh_grant_revoked()
  if (token.expiresAt <= at) throw errors.refresh_token_unknown()
  const bound = refreshDetails.parse(token.details)
  if (bound.jkt !== undefined && bound.jkt !== jkt) throw errors.refresh_key_mismatch()
  const exceeding = (scopes ?? []).filter((scope) => !grant.scopes.includes(scope))
  if (exceeding.length > 0) throw errors.refresh_scope_exceeded({ details: { scopes: exceeding } })
  const user = grant.userId && (await findUser(tx, org.id, grant.userId))
  if (!user || !canSignIn(user.status)) throw errors.refresh_user_not_active()
  return { grant, user }
}

type Rotation = { found: Found; value: string; kin: RefreshDetails; at: number }

async function rotate(tx: Transaction, vault: Vault, org: OrgId, { found, value, kin, at }: Rotation) {
  const { token, isReused } = found
  const successor = vault.digest('refresh-token-successor', `${org}\0${value}`)
  if (!isReused) {
    const { grantId, clientId, expiresAt } = token
    // It expires when its predecessor would have: a family has one end, set when it was granted.
    const kept = { kind: 'refresh', value: successor, details: kin, expiresAt } as const
    await saveToken(tx, org, { ...kept, ...(grantId && { grantId }), ...(clientId && { clientId }) }, at)
    return { value: successor, isTheft: false }
  }
  const isInGrace = token.redeemedAt !== null && at - token.redeemedAt <= rotationGraceMs
  const next = isInGrace ? await findToken(tx, org, 'refresh', successor, at) : undefined
  return { value: successor, isTheft: next === undefined || next.redeemedAt !== null }
}

async function refuseReuse(tx: Transaction, org: OrgId, grant: Grant, about: { at: number; context: RequestContext }) {
  const { at, context } = about
  const refusal = errors.refresh_token_reused()
  await recordEvent(tx, org, 'refresh-token.reused', {
    at,
    outcome: 'FAILURE',
    reason: refusal.code,
    ...(grant.userId && { userId: grant.userId }),
    clientId: grant.clientId,
    context,
    details: { grantId: grant.id, serverId: grant.serverId },
  })
  await endGrant(tx, org, grant, { at, reason: refusal.code, context })
  return { refusal }
}
