/**
 * A software authenticator, for the tests of everyone who uses this package.
 *
 * Owns: making keys, credentials, certificates and answers, right or wrong on demand.
 * Does not own: any verification; it never imports the verifiers, so that a mistake in one does not hide in the other.
 */
export { createAuthenticator } from './authenticator.ts'
export { concat, encodeCbor } from './cbor.ts'
export {
  type AttestationAuthority,
  type AuthorityInput,
  attestationSubject,
  type CertificateInput,
  createAttestationAuthority,
} from './certificates.ts'
export { createKeyPair, type KeyAlgorithm, type KeyPair, type Randomness } from './keys.ts'
export type {
  AttestationKind,
  Authenticator,
  AuthenticatorInput,
  CreateInput,
  CreateOptions,
  FlagOverrides,
  GetInput,
  GetOptions,
  Overrides,
  SoftCredential,
} from './types.ts'
