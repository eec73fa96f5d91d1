/**
 * Sessions: a browser's signed-in state with an org, one for all of its authorization servers.
 *
 * Owns: the `browser_session` table, how long a session lives, what it proves (`amr`, `acr`, `auth_time`), and to
 * which clients it signed in. Only the hash of its token is kept, and each authentication changes the token.
 * Does not own: the cookie (`access`), grants (`records/grants`), whether its user may still sign in (`records/users`).
 */
export {
  type Assurance,
  acrNames,
  acrOf,
  amrOf,
  assuranceOf,
  authTimeOf,
  mergeAuthentications,
  reachesAssurance,
  satisfiesAcr,
} from './assurance.ts'
export { errors as sessionErrors } from './errors.ts'
export type { Authentication, Session, SessionClient, SessionId, SessionLifetimes } from './session.ts'
export {
  addSessionClient,
  endSession,
  endSessionsOfUser,
  findSession,
  findSessionByToken,
  listSessions,
  type NewSession,
  type OpenedSession,
  removeExpiredSessions,
  renewSession,
  startSession,
  touchSession,
} from './store.ts'
