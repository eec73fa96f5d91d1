/**
 * Limits: how often something may be tried, agreed across processes.
 *
 * Owns: the `attempt_limit` table: one counter for each key and window. A window begins with its first attempt and ends
 * at a fixed time, so that trying on while refused does not prolong it, and a victim is never locked out for good.
 * Does not own: which keys there are and what their limits mean (the engine and the endpoints say so), the buckets in
 * memory that shed load before the database is asked.
 */
export type { AttemptKey, AttemptLimit, AttemptOutcome } from './limit.ts'
export { forgetAttempts, removeExpiredLimits, takeAttempt, takeAttempts } from './store.ts'
