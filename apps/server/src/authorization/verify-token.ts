import type { Client } from '../records/clients/index.ts'
import { findGrant, type Grant, type GrantId } from '../records/grants/index.ts'
import { publishedKeys } from '../records/keys/index.ts'
import { findToken } from '../records/tokens/index.ts'
import { canSignIn, findUser, type User } from '../records/users/index.ts'
import { errors } from './errors.ts'
import type { Deps, Issuer } from './issuer.ts'
import { decodeJwt, verifySignature } from './jwt.ts'
import { type AccessTokenClaims, accessTokenClaims, type IdTokenClaims, idTokenClaims, issuedClaims } from './schema.ts'
import { grantIdOfAccessToken } from './token-ids.ts'

/** An access token of ours that holds, with what stands behind it. */
export type VerifiedAccessToken = { claims: AccessTokenClaims; grant: Grant; client: Client; user?: User }

/**
 * Verifies an access token of this very issuer: signature, time, kind, and that nothing behind it was ended.
 *
 * @throws {LatchkeyError} `token_malformed`, `token_issuer_mismatch`, `token_key_unknown`, `token_algorithm_mismatch`,
 * `token_signature_invalid`, `token_type_mismatch`, `token_expired`, `token_revoked`, `token_client_not_active`,
 * `token_user_not_active`
 */
export async function verifyAccessToken(deps: Deps, issuer: Issuer, token: string): Promise<VerifiedAccessToken> {
  const own = await verifyOwnToken(deps, issuer, token)
  // An ID token is signed by the same key for the same user; only its kind keeps it from being one of these.
  if (own.kind !== 'access') throw errors.token_type_mismatch()
  return await verifyStanding(deps, issuer, own)
}

/** Verifies that an access token holds at this moment: its time has not come, and nothing behind it was ended. */
export async function verifyStanding(
  deps: Deps,
  issuer: Issuer,
  { claims, grantId }: OwnAccessToken,
): Promise<VerifiedAccessToken> {
  const { cid, uid, exp, jti } = claims
  const now = deps.now()
  if (exp * 1000 <= now) throw errors.token_expired()
  const { org } = issuer
  const [client, grant, revoked, user] = await Promise.all([
    deps.cache.client(org, cid),
    findGrant(deps.db, org.id, grantId),
    findToken(deps.db, org.id, 'access-revoked', jti, now),
    uid === undefined ? undefined : findUser(deps.db, org.id, uid),
  ])
  if (client?.status !== 'active') throw errors.token_client_not_active()
  const isLive = grant && grant.revokedAt === null && grant.clientId === cid && grant.serverId === issuer.server.id
  if (!isLive || revoked) throw errors.token_revoked()
  if (uid !== undefined && !(user && canSignIn(user.status))) throw errors.token_user_not_active()
  return { claims, grant, client, ...(user && { user }) }
}

/**
 * Verifies an ID token that a client hands back as a hint. One that has expired will do: it names a user, it does not
 * prove one (OpenID Connect RP-Initiated Logout §2).
 *
 * @throws {LatchkeyError} `token_malformed`, `token_issuer_mismatch`, `token_key_unknown`, `token_algorithm_mismatch`,
 * `token_signature_invalid`, `token_type_mismatch`
 */
export async function verifyIdTokenHint(deps: Deps, issuer: Issuer, token: string): Promise<IdTokenClaims> {
  const own = await verifyOwnToken(deps, issuer, token)
  if (own.kind !== 'id') throw errors.token_type_mismatch()
  return own.claims
}

export type OwnAccessToken = { kind: 'access'; claims: AccessTokenClaims; grantId: GrantId }
export type OwnIdToken = { kind: 'id'; claims: IdTokenClaims }

/**
 * Verifies that this issuer signed a token and tells which kind it is; whether it still holds is another question.
 *
 * @throws {LatchkeyError} `token_malformed`, `token_issuer_mismatch`, `token_key_unknown`, `token_algorithm_mismatch`,
 * `token_signature_invalid`, `token_type_mismatch`
 */
export async function verifyOwnToken(deps: Deps, issuer: Issuer, token: string): Promise<OwnAccessToken | OwnIdToken> {
  const verified = await verifyOwn(deps, issuer, token)
  const access = accessTokenClaims.safeParse(verified)
  const grantId = access.success ? grantIdOfAccessToken(access.data.jti) : undefined
  if (access.success && grantId !== undefined) return { kind: 'access', claims: access.data, grantId }
  const id = idTokenClaims.safeParse(verified)
  if (id.success && id.data.jti.startsWith('ID.')) return { kind: 'id', claims: id.data }
  throw errors.token_type_mismatch()
}

/** Verifies that this issuer signed a token, whatever it is for. */
async function verifyOwn({ cache, now }: Deps, { org, url, server }: Issuer, token: string): Promise<unknown> {
  const jwt = decodeJwt(token)
  const claims = issuedClaims.safeParse(jwt.claims)
  if (!claims.success) throw errors.token_malformed()
  // Before the signature only to name the reason: the keys of another issuer are not among ours.
  if (claims.data.iss !== url) throw errors.token_issuer_mismatch()
  verifySignature(jwt, publishedKeys(await cache.signingKeys(org, server.id), now()))
  return claims.data
}
