/**
 * Jobs: the work that nobody waits for.
 *
 * Owns: when each job runs, that one which fails holds up no other, the delivery of mail and its words, and the schedule
 * by which signing keys rotate.
 * Does not own: what is in the outbox and who may take it (`records/outbox`), who asks for mail (`directory`, `sign-in`).
 */
export { ensureServerKeys, rotateServerKeys } from './rotate-keys.ts'
export { startJobs } from './start.ts'
