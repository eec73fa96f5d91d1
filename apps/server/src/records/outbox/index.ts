/**
 * Outbox: work that must follow a change, kept in the same transaction as the change and done by a job.
 *
 * Owns: the `outbox` table with its encrypted payloads, who may work on an item (one taker until its lease ends, then
 * another), and the `job_lease` table by which one process of many runs a job. Work is done at least once: a taker that
 * dies after the deed and before `finish` leaves it to the next.
 * Does not own: what the kinds of work mean, when a job gives up.
 */
export type { DueItem, Json, OutboxId } from './outbox.ts'
export { enqueue, finish, hasDue, releaseLease, retryLater, takeDue, takeLease } from './store.ts'
