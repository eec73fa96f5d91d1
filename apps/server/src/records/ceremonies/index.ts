/**
 * Ceremonies: the passkey requests that were sent to a browser and wait for their one answer.
 *
 * Owns: the `ceremony` table, which holds all that the answer is verified against (challenge, RP ID, origins, user
 * verification, algorithms) and what it is bound to, and the rule that a challenge is answered at most once.
 * Does not own: making options and verifying responses (`@latchkey/webauthn`), passkeys (`records/credentials`).
 */
export type { CeremonyId, CeremonyPurpose, StoredCeremony } from './ceremony.ts'
export { removeExpiredCeremonies, saveCeremony, takeCeremony } from './store.ts'
