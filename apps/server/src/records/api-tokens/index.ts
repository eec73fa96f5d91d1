/**
 * API tokens: the long-lived values by which programs call the management API (Okta's `SSWS`).
 *
 * Owns: the `api_token` table. Only the hash of a value is kept; whoever lost it makes another.
 * Does not own: what a token's holder may do (`access`), OAuth access tokens (`authorization`).
 */
export type { ApiToken, ApiTokenId } from './api-token.ts'
export { errors as apiTokenErrors } from './errors.ts'
export {
  findApiTokenByValue,
  insertApiToken,
  listApiTokens,
  type NewApiToken,
  revokeApiToken,
  touchApiToken,
} from './store.ts'
