/**
 * Observations: what the sign-in funnel is measured by (ceremonies begun, prompts shown, cancels), kept for a short time.
 *
 * Owns: the `observation` table. Nothing is decided by an observation, and losing one loses nothing.
 * Does not own: the audit (`records/events`), what a dashboard makes of the numbers.
 */
export type { Observation, ObservationId, ObservationInput } from './observation.ts'
export { countObservations, observe, removeExpiredObservations } from './store.ts'
