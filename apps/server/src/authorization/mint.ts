import { hash } from 'node:crypto'
import type { Client } from '../records/clients/index.ts'
import type { Grant } from '../records/grants/index.ts'
import { listGroupsOfUser } from '../records/groups/index.ts'
import { listAddresses, normaliseEmail, type User } from '../records/users/index.ts'
import {
  type Claims,
  claimsByName,
  claimsOfRules,
  claimsOfScopes,
  type Facts,
  factsNeeded,
  scopeOfClaim,
} from './claims.ts'
import { type Deps, type Issuer, loadSigningKey } from './issuer.ts'
import { type PrivateSigningKey, signJwt } from './jwt.ts'
import { hashOf } from './signature.ts'
import { newAccessTokenId, newIdTokenId } from './token-ids.ts'

/** What an answer of the token endpoint holds, in no protocol's words. */
export type IssuedTokens = {
  accessToken: string
  expiresInMs: number
  /** The access token is good only beside a proof by its key. */
  isBound: boolean
  scopes: readonly string[]
  idToken?: string
  refreshToken?: string
}

export type Minting = {
  grant: Grant
  client: Client
  /** Absent where the client acts for itself. */
  user?: User
  /** The grant's, or those of them that a refresh asked for. */
  scopes: readonly string[]
  sessionId?: string
  /** Only beside a code: an ID token of a refresh repeats no nonce (OpenID Connect Core §12.2). */
  nonce?: string
  refresh?: { id: string; value: string }
  /** The thumbprint of the key that the access token is bound to. */
  jkt?: string
}

/** Reads what claims are made of: nothing beyond the user unless scopes, rules or claims by name ask for it. */
export async function loadFacts(
  { db }: Pick<Deps, 'db'>,
  { org, server }: Issuer,
  user: User,
  scopes: readonly string[],
  names: readonly string[] = [],
): Promise<Facts> {
  const needed = factsNeeded([...scopes, ...names.flatMap((name) => scopeOfClaim(name) ?? [])], server.claims)
  const [addresses, groups] = await Promise.all([
    needed.email ? listAddresses(db, org.id, user.id) : [],
    needed.groups ? listGroupsOfUser(db, org.id, user.id) : [],
  ])
  const email = needed.email ? normaliseEmail(user.profile.email) : undefined
  const isEmailVerified = addresses.some(
    ({ kind, value, verifiedAt }) => kind === 'email' && verifiedAt !== null && normaliseEmail(value) === email,
  )
  return { user, isEmailVerified, groups: groups.map(({ name }) => name) }
}

/** Makes the tokens of one answer. Nothing is read or kept that decides whether they may be issued. */
export async function mintTokens(deps: Deps, issuer: Issuer, minting: Minting): Promise<IssuedTokens> {
  const { scopes, refresh } = minting
  const [key, facts] = await Promise.all([
    loadSigningKey(deps, issuer),
    minting.user && loadFacts(deps, issuer, minting.user, scopes, minting.grant.details.claims?.idToken),
  ])
  const issuedAt = Math.floor(deps.now() / 1000)
  const accessToken = await signJwt(accessTokenClaims(issuer, minting, facts, issuedAt), key)
  const idToken =
    facts && scopes.includes('openid')
      ? await signJwt(idTokenClaims(issuer, minting, facts, { issuedAt, accessToken, key }), key)
      : undefined
  return {
    accessToken,
    expiresInMs: issuer.server.settings.accessTokenLifetimeMs,
    isBound: minting.jkt !== undefined,
    scopes,
    ...(idToken !== undefined && { idToken }),
    ...(refresh && { refreshToken: refresh.value }),
  }
}

function accessTokenClaims(issuer: Issuer, minting: Minting, facts: Facts | undefined, issuedAt: number): Claims {
  const { grant, client, user, scopes, refresh, jkt } = minting
  return {
    ...claimsOfRules(issuer.server.claims, 'access', scopes, facts),
    ver: 1,
    jti: newAccessTokenId(grant.id, refresh?.id),
    iss: issuer.url,
    aud: audienceOf(issuer),
    iat: issuedAt,
    exp: issuedAt + seconds(issuer.server.settings.accessTokenLifetimeMs),
    cid: client.id,
    ...(user && { uid: user.id }),
    scp: scopes,
    ...(jkt !== undefined && { cnf: { jkt } }),
    ...authTime(grant),
    sub: user?.login ?? client.id,
  }
}

/** One audience is a string, as Okta writes it; the org's own tokens are for the issuer itself. */
function audienceOf({ url, server }: Issuer): string | readonly string[] {
  const [first, ...others] = server.audiences
  if (first === undefined) return url
  return others.length === 0 ? first : server.audiences
}

type Signing = { issuedAt: number; accessToken: string; key: PrivateSigningKey }

function idTokenClaims(issuer: Issuer, minting: Minting, facts: Facts, signing: Signing): Claims {
  const { grant, client, scopes, sessionId, nonce } = minting
  const { issuedAt, accessToken, key } = signing
  const { amr, acr, identityProvider, claims = {} } = grant.details
  return {
    // With the profile although userinfo has it too: Okta's clients read the ID token alone.
    ...claimsByName(claims.idToken ?? [], facts),
    ...claimsOfScopes(scopes, facts),
    ...claimsOfRules(issuer.server.claims, 'id', scopes, facts),
    sub: facts.user.id,
    ver: 1,
    iss: issuer.url,
    aud: client.id,
    iat: issuedAt,
    exp: issuedAt + seconds(issuer.server.settings.idTokenLifetimeMs),
    jti: newIdTokenId(),
    ...(amr && { amr }),
    ...(acr !== undefined && { acr }),
    idp: identityProvider ?? issuer.org.id,
    ...(nonce !== undefined && { nonce }),
    ...authTime(grant),
    at_hash: halfHash(accessToken, hashOf(key.algorithm)),
    ...(sessionId !== undefined && { sid: sessionId }),
  }
}

function authTime({ details }: Grant): { auth_time?: number } {
  return details.authTime === undefined ? {} : { auth_time: seconds(details.authTime) }
}

const seconds = (milliseconds: number) => Math.floor(milliseconds / 1000)

/** The left half of a hash, in base64url (OpenID Connect Core §3.1.3.6). */
function halfHash(text: string, algorithm: 'sha256' | 'sha512'): string {
  const whole = hash(algorithm, text, 'buffer')
  return whole.subarray(0, whole.length / 2).toString('base64url')
}
