import { inTransaction, type Transaction } from '../platform/database/index.ts'
import { isLatchkeyError, type LatchkeyError } from '../platform/errors.ts'
import type { RequestContext } from '../platform/http/index.ts'
import { newId, newSecret } from '../platform/ids.ts'
import type { Client } from '../records/clients/index.ts'
import { recordEvent } from '../records/events/index.ts'
import { findGrant, type Grant } from '../records/grants/index.ts'
import { redeemToken, saveToken } from '../records/tokens/index.ts'
import { canSignIn, findUser, type User } from '../records/users/index.ts'
import { endGrant } from './end-grant.ts'
import { errors } from './errors.ts'
import type { Deps, Issuer } from './issuer.ts'
import { type IssuedTokens, type Minting, mintTokens } from './mint.ts'
import { verifyPkce } from './pkce.ts'
import { type CodeDetails, codeDetails, type RefreshDetails } from './schema.ts'

export type CodeRedemption = {
  /** Authenticated already. */
  client: Client
  code: string
  redirectUri: string | undefined
  verifier: string | undefined
  /** The thumbprint of the key that proved itself beside the code. */
  jkt: string | undefined
  context: RequestContext
}

/**
 * Redeems an authorization code, once, and mints what was granted.
 *
 * The code is taken first, and every failed attempt spends it, also that of another client. Whoever presents a code
 * holds its 256 bits, so one in the wrong hands has leaked: if it lived on, the thief could come again under the right
 * client's name, which for a public client costs nothing. The price is that the user signs in once more; nobody can
 * make them pay it without having had the code (RFC 6749 §10.5). A code that comes a second time ends its grant (§4.1.2).
 *
 * @throws {LatchkeyError} `code_unknown`, `code_reused`, `code_client_mismatch`, `code_server_mismatch`,
 * `redirect_uri_mismatch`, `pkce_verifier_missing`, `pkce_verifier_unexpected`, `pkce_verification_failed`,
 * `code_key_mismatch`, `grant_revoked`, `user_not_active`
 */
export async function redeemCode(deps: Deps, issuer: Issuer, redemption: CodeRedemption): Promise<IssuedTokens> {
  const taken = await inTransaction(deps.db, (tx) => take(tx, deps.now(), issuer, redemption))
  // A refusal is thrown out here: inside, it would undo the taking.
  if ('refusal' in taken) throw taken.refusal
  return await mintTokens(deps, issuer, taken)
}

type Taken = Minting | { refusal: LatchkeyError }

async function take(tx: Transaction, at: number, issuer: Issuer, redemption: CodeRedemption): Promise<Taken> {
  const { org } = issuer
  const { context } = redemption
  const { outcome, ...found } = await redeemToken(tx, org.id, 'code', redemption.code, at)
  const grantId = 'token' in found ? found.token.grantId : null
  const grant = grantId && (await findGrant(tx, org.id, grantId))
  if (!grant || !('token' in found)) return { refusal: errors.code_unknown() }
  if (outcome === 'reused') return await refuseReuse(tx, at, issuer, grant, context)
  const bound = codeDetails.parse(found.token.details)
  const user = (grant.userId && (await findUser(tx, org.id, grant.userId))) || undefined
  const checked = check({ issuer, redemption, grant, bound, user, at })
  if ('refusal' in checked) {
    await endGrant(tx, org.id, grant, { at, reason: checked.refusal.code, context })
    return checked
  }
  return await keep(tx, at, issuer, { ...redemption, grant, bound, user: checked.user })
}

async function refuseReuse(
  tx: Transaction,
  at: number,
  { org }: Issuer,
  grant: Grant,
  context: RequestContext,
): Promise<Taken> {
  const refusal = errors.code_reused()
  await recordEvent(tx, org.id, 'authorization-code.reused', {
    at,
    outcome: 'FAILURE',
    reason: refusal.code,
    ...(grant.userId && { userId: grant.userId }),
    clientId: grant.clientId,
    context,
    details: { grantId: grant.id, serverId: grant.serverId },
  })
  await endGrant(tx, org.id, grant, { at, reason: refusal.code, context })
  return { refusal }
}

type Presented = {
  issuer: Issuer
  redemption: CodeRedemption
  grant: Grant
  bound: CodeDetails
  user: User | undefined
  at: number
}

function check(presented: Presented): { user: User } | { refusal: LatchkeyError } {
  try {
    return { user: checkPresented(presented) }
  } catch (thrown) {
    if (isLatchkeyError(thrown)) return { refusal: thrown }
    throw thrown
  }
}

function checkPresented({ issuer, redemption, grant, bound, user, at }: Presented): User {
  if (grant.clientId !== redemption.client.id) throw errors.code_client_mismatch()
  if (grant.serverId !== issuer.server.id) throw errors.code_server_mismatch()
  if (redemption.redirectUri !== bound.redirectUri) throw errors.redirect_uri_mismatch()
  verifyPkce(bound.codeChallenge, redemption.verifier)
  if (bound.jkt !== undefined && bound.jkt !== redemption.jkt) throw errors.code_key_mismatch()
  if (grant.revokedAt !== null || grant.expiresAt <= at) throw errors.grant_revoked()
  if (!user || !canSignIn(user.status)) throw errors.user_not_active()
  return user
}

type Redeemed = CodeRedemption & { grant: Grant; bound: CodeDetails; user: User }

/** Keeps what the exchange makes true, so that only signatures are missing when the transaction is over. */
async function keep(tx: Transaction, at: number, { org, server }: Issuer, redeemed: Redeemed): Promise<Minting> {
  const { client, grant, bound, user, jkt, context } = redeemed
  const { scopes, details } = grant
  const refresh = scopes.includes('offline_access') ? { id: newId('oar'), value: newSecret() } : undefined
  if (refresh) {
    const kept: RefreshDetails = { id: refresh.id, ...(jkt !== undefined && { jkt }) }
    const expiresAt = at + server.settings.refreshTokenLifetimeMs
    await saveToken(
      tx,
      org.id,
      { kind: 'refresh', value: refresh.value, grantId: grant.id, clientId: client.id, details: kept, expiresAt },
      at,
    )
  }
  await recordEvent(tx, org.id, 'token.issued', {
    at,
    userId: user.id,
    clientId: client.id,
    context,
    details: { grantType: 'authorization_code', grantId: grant.id, serverId: server.id, scopes },
  })
  return {
    grant,
    client,
    user,
    scopes,
    ...(bound.sessionId !== undefined && { sessionId: bound.sessionId }),
    ...(details.nonce !== undefined && { nonce: details.nonce }),
    ...(refresh && { refresh }),
    ...(jkt !== undefined && { jkt }),
  }
}
