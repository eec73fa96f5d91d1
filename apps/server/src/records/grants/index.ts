/**
 * Grants: what was authorized, for whom, to which client. Every code and token carries its grant's id.
 *
 * Owns: the `oauth_grant` table, where ending a grant ends all that came of it, and the `consent` table: which scopes a
 * person has allowed a client, so as not to be asked again.
 * Does not own: codes and tokens (`records/tokens`), deciding what may be granted (`authorization`).
 */
export type { Consent } from './consents/consent.ts'
export { findConsent, listConsents, revokeConsent, saveConsent } from './consents/store.ts'
export type { Grant, GrantDetails, GrantId, RequestedClaims } from './grant.ts'
export {
  findGrant,
  insertGrant,
  type NewGrant,
  removeExpiredGrants,
  revokeGrant,
  revokeGrantsOfClient,
  revokeGrantsOfSession,
  revokeGrantsOfUser,
} from './store.ts'
