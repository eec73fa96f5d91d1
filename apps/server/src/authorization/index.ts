/**
 * Authorization: what was granted, and what is issued for it.
 *
 * Owns: turning a granted request into a code, codes and refresh tokens into tokens, and tokens back into the grant
 * they stand for; the claims in them; what becomes of a grant when something of it comes a second time.
 * Does not own: rows (`records/grants`, `records/tokens`, `records/keys`), who the user is (`sign-in`), any protocol's
 * requests, answers or words (`endpoints/oauth`). Every dialect that ends in tokens uses this room.
 */
export { claimsByName, claimsOfRules, claimsOfScopes, scopeOfClaim, standardClaimNames } from './claims.ts'
export { errors } from './errors.ts'
export { findLiveToken, type LiveToken } from './find-live-token.ts'
export {
  decodeForeignJwt,
  type ForeignJwt,
  foreignAlgorithms,
  type PublishedKey,
  type SignatureProblem,
  secretAlgorithms,
  thumbprintOf,
  verifyForeignJwt,
  verifySecretJwt,
} from './foreign-jwt.ts'
export { issueClientTokens } from './issue-client-tokens.ts'
export { issueCode } from './issue-code.ts'
export type { Deps, Issuer } from './issuer.ts'
export { type IssuedTokens, loadFacts } from './mint.ts'
export { isPkceChallenge } from './pkce.ts'
export { redeemCode } from './redeem-code.ts'
export { refreshTokens } from './refresh.ts'
export { revokePresentedToken } from './revoke-token.ts'
export { verifyAccessToken, verifyIdTokenHint } from './verify-token.ts'
