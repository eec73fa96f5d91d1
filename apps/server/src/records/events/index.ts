/**
 * Events: the audit, one row for everything that happened or was refused, and the order in which others learn of it.
 *
 * Owns: the `event` and `event_sequence` tables, the catalogue of names, and the sequence numbers. The event of a
 * success is recorded in the transaction that made it true; the event of a refusal is committed on its own. Numbers are
 * given after the commit, so that whoever follows them never misses an event that was slow to commit.
 * Does not own: observations for the funnel (`records/observations`), deliveries, how a dialect shows an event.
 */
export { catalog, type EventDescription, type EventName } from './catalog.ts'
export {
  type Event,
  type EventId,
  type EventInput,
  type EventOutcome,
  isEventName,
  type RefusalInput,
  type RequestContext,
} from './event.ts'
export {
  type EventQuery,
  findLastSequence,
  findSequenceBefore,
  listEvents,
  recordEvent,
  recordRefusal,
  sequenceEvents,
} from './store.ts'
