/**
 * Trusted origins: other origins that may call this org from a browser, or that people may be sent back to.
 *
 * Owns: the `trusted_origin` table and how an origin is written, so that each has one row.
 * Does not own: answering preflights (`platform/http`), the origins that clients have by their redirect URIs
 * (`records/clients`).
 */
export { errors as trustedOriginErrors } from './errors.ts'
export {
  deleteTrustedOrigin,
  findTrustedOrigin,
  listTrustedOrigins,
  type SavedTrustedOrigin,
  saveTrustedOrigin,
  type TrustedOriginInput,
} from './store.ts'
export {
  normaliseOrigin,
  type TrustedOrigin,
  type TrustedOriginId,
  type TrustedOriginScope,
} from './trusted-origin.ts'
