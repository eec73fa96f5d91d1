/**
 * Passkey ceremonies in the browser: every outcome is a value, either a response to post or a stable code.
 *
 * Owns: calling `navigator.credentials`, JSON in and out, one ceremony at a time, what this browser can do, and
 * telling passkey providers what the server knows (the Signal API).
 * Does not own: fetching options, posting responses, any words or elements; those belong to the page.
 */
export { type Authenticate, type AuthenticationResult, authenticate } from './authenticate.ts'
export { type Capabilities, type Capability, capabilities, type Support } from './capabilities.ts'
export type { CeremonyCode, CeremonyFailure } from './codes.ts'
export type { BrowserEnvironment } from './environment.ts'
export { type Register, type RegistrationResult, register } from './register.ts'
export {
  type AcceptedCredentials,
  type CurrentUserDetails,
  signalAllAcceptedCredentials,
  signalCurrentUserDetails,
  signalUnknownCredential,
  type UnknownCredential,
} from './signals.ts'
