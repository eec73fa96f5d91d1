/**
 * Tokens: the one-time and revocable values that we hand out, known here by their hashes only.
 *
 * Owns: the `token` table (authorization codes, refresh tokens, access tokens that were revoked before their time, the
 * set-up code, and the proofs of others that were used) and the rule that a value is redeemed at most once, with every
 * later attempt told from an unknown value.
 * Does not own: what a token is good for (`authorization`), grants (`records/grants`), the API's tokens
 * (`records/api-tokens`).
 */
export {
  findToken,
  type Redemption,
  redeemToken,
  removeExpiredTokens,
  revokeToken,
  revokeTokensOfGrant,
  saveToken,
  takeProof,
} from './store.ts'
export type { NewToken, StoredToken, TokenDetails, TokenKind } from './token.ts'
