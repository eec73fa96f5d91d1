/**
 * The stage of the journeys: a started server, a real browser, and the people who use them.
 *
 * Owns: starting and stopping both, virtual authenticators, reading mail and the audit, and what every page is held to
 * (no errors, nothing loaded from elsewhere).
 * Does not own: what people do (`*.test.ts`), nor anything of the server, which is run as everybody runs it.
 */

export { freePort } from '../../tools/test/free-port.ts'
export { findViolations, widthOverflow } from './accessibility.ts'
export { startApp } from './app.ts'
export { type Authenticator, type AuthenticatorOptions, securityKey, syncedPasskeys } from './authenticator.ts'
export type { Person } from './person.ts'
export { photograph } from './photograph.ts'
export { openStage, type Stage } from './stage.ts'
export {
  becomeMember,
  button,
  chooseWay,
  createAccount,
  enrolPasskey,
  type Member,
  press,
  proveAddress,
  signInByCode,
  signOut,
  typeIdentifier,
} from './steps.ts'
