/**
 * Credentials: the public keys that people sign in with, one row for each passkey.
 *
 * Owns: the `credential` table and the rules that a stored credential obeys (WebAuthn §4 "credential record"): its id
 * is unique within an org and RP ID, its sign count never falls, its user verification never un-happens.
 * Does not own: ceremonies in progress (`records/ceremonies`), verification (`@latchkey/webauthn`), any HTTP.
 */
export { defaultPasskeyLimit, normalisePasskeyName, type StoredCredential } from './credential.ts'
export { errors as credentialErrors } from './errors.ts'
export {
  countCredentials,
  findCredential,
  insertCredential,
  listCredentials,
  removeCredential,
  renameCredential,
  saveUse,
} from './store.ts'
