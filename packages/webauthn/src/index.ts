/**
 * WebAuthn ceremonies for relying parties: options out, responses in.
 *
 * Owns: the options that a browser gets, the verification of what it answers, attestation statements, reason codes.
 * Does not own: storage, HTTP, sessions, who may use a credential, or that a challenge is answered only once.
 */
export { defaultAlgorithms, supportedAlgorithms } from './cose.ts'
export { CeremonyError, type CeremonyErrorCode, ceremonyErrorCodes } from './errors.ts'
export {
  type AuthenticationOptionsInput,
  type CredentialReference,
  createAuthenticationOptions,
  createRegistrationOptions,
  newChallenge,
  type RegistrationOptionsInput,
} from './options.ts'
export { parseAuthenticationResponse, parseRegistrationResponse } from './schema.ts'
export type * from './types.ts'
export {
  type AuthenticationInput,
  type AuthenticationSignal,
  type VerifiedAuthentication,
  verifyAuthentication,
} from './verify-authentication.ts'
export { type RegistrationInput, type VerifiedRegistration, verifyRegistration } from './verify-registration.ts'
