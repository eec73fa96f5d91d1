import { sql } from 'kysely'
import { minute } from '../../platform/clock.ts'
import { type Database, inTransaction, prepare, type Reader, type Transaction } from '../../platform/database/index.ts'
import { newId } from '../../platform/ids.ts'
import type { OrgId } from '../orgs/index.ts'
import type { EventName } from './catalog.ts'
import type { Event, EventId, EventInput, EventOutcome, RefusalInput } from './event.ts'

type EventTable = {
  org_id: OrgId
  id: EventId
  sequence: number | null
  type: EventName
  at: number
  outcome: EventOutcome
  reason: string | null
  user_id: string | null
  client_id: string | null
  request_id: string | null
  ip: string | null
  user_agent: string | null
  details: Readonly<Record<string, unknown>>
}

type EventSequenceTable = { org_id: OrgId; last: number }

declare module '../../platform/database/schema.ts' {
  interface Schema {
    event: EventTable
    event_sequence: EventSequenceTable
  }
}

/** Records what happened, in the transaction that made it true. One statement. */
export async function recordEvent(db: Reader, org: OrgId, name: EventName, input: EventInput): Promise<void> {
  const { context } = input
  await insertRow(db, {
    org_id: org,
    id: newId<EventId>('evt'),
    sequence: null,
    type: name,
    at: input.at,
    outcome: input.outcome ?? 'SUCCESS',
    reason: input.reason ?? null,
    user_id: input.userId ?? null,
    client_id: input.clientId ?? null,
    request_id: context?.requestId ?? null,
    ip: context?.ip ?? null,
    user_agent: context?.userAgent ?? null,
    details: input.details ?? {},
  })
}

const insertRow = prepare((db, row: EventTable) => db.insertInto('event').values(row))

/** Records what was refused and commits it: call it outside the transaction that the refusal rolls back. */
export async function recordRefusal(db: Database, org: OrgId, name: EventName, input: RefusalInput): Promise<void> {
  await inTransaction(db, (tx) => recordEvent(tx, org, name, { ...input, outcome: 'FAILURE' }))
}

export type EventQuery = {
  limit: number
  /** Follows the sequence: only events that have a number, above this one, in its order. */
  afterSequence?: number
  /** Without `afterSequence`: only what comes after this one, in the order that is asked for. */
  after?: { readonly at: number; readonly id: string }
  since?: number
  until?: number
  types?: readonly EventName[]
  userId?: string
  clientId?: string
  /** Without `afterSequence`: newest first. */
  newestFirst?: boolean
}

/** Lists events: by their number for those who follow, otherwise by time, with those that have no number yet. */
export async function listEvents(db: Reader, org: OrgId, query: EventQuery): Promise<Event[]> {
  const { afterSequence, after, since, until, types, userId, clientId } = query
  // PostgreSQL knows no empty list.
  if (types?.length === 0) return []
  let events = db.selectFrom('event').selectAll().where('org_id', '=', org).limit(query.limit)
  if (since !== undefined) events = events.where('at', '>=', since)
  if (until !== undefined) events = events.where('at', '<', until)
  if (types !== undefined) events = events.where('type', 'in', types)
  if (userId !== undefined) events = events.where('user_id', '=', userId)
  if (clientId !== undefined) events = events.where('client_id', '=', clientId)
  if (after) {
    const beyond = query.newestFirst ? '<' : '>'
    events = events.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('at', 'id'), beyond, tuple(after.at, after.id as EventId)),
    )
  }
  const direction = query.newestFirst ? 'desc' : 'asc'
  const ordered =
    afterSequence === undefined
      ? events.orderBy('at', direction).orderBy('id', direction)
      : events.where('sequence', '>', afterSequence).orderBy('sequence')
  return (await ordered.execute()).map(toEvent)
}

/** The number of an org's latest numbered event; 0 where there is none yet. */
export async function findLastSequence(db: Reader, org: OrgId): Promise<number> {
  const row = await db.selectFrom('event_sequence').select('last').where('org_id', '=', org).executeTakeFirst()
  return row?.last ?? 0
}

/** How much later than it happened an event may be numbered, with a transaction and a job that take their time. */
const latestNumbering = 5 * minute

/** Tells after which number to begin, so that nothing that happened since a moment is passed over. */
export async function findSequenceBefore(db: Reader, org: OrgId, since: number): Promise<number> {
  const row = await db
    .selectFrom('event')
    .select('sequence')
    .where('org_id', '=', org)
    .where('at', '>=', since - latestNumbering)
    .where('sequence', 'is not', null)
    .orderBy('at')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  return row?.sequence ? row.sequence - 1 : await findLastSequence(db, org)
}

/**
 * Gives committed events their numbers, org by org, in the order of their time.
 *
 * Whoever numbers an org's events holds its row in `event_sequence` until the commit, so that several processes take
 * turns and a number is never seen before the one below it. An event that commits late finds its time passed and gets
 * the next number all the same: no follower has gone past it.
 *
 * @param options.limit how many events to number in one org before others get their turn
 * @returns how many were numbered
 */
export async function sequenceEvents(db: Database, options: { limit: number }): Promise<number> {
  const waiting = await db.selectFrom('event').select('org_id').distinct().where('sequence', 'is', null).execute()
  let numbered = 0
  for (const { org_id: org } of waiting)
    numbered += await inTransaction(db, (tx) => sequenceOrg(tx, org, options.limit))
  return numbered
}

async function sequenceOrg(tx: Transaction, org: OrgId, limit: number): Promise<number> {
  // Locks the row before the events are read: what the holder before us has numbered is then seen as numbered.
  const { last } = await tx
    .insertInto('event_sequence')
    .values({ org_id: org, last: 0 })
    .onConflict((conflict) => conflict.column('org_id').doUpdateSet({ last: sql`event_sequence.last` }))
    .returning('last')
    .executeTakeFirstOrThrow()
  const result = await tx
    .updateTable('event')
    .from((from) =>
      from
        .selectFrom('event as unnumbered')
        .select(['unnumbered.id', sql<number>`row_number() OVER (ORDER BY at, id)`.as('place')])
        .where('unnumbered.org_id', '=', org)
        .where('unnumbered.sequence', 'is', null)
        .orderBy('unnumbered.at')
        .orderBy('unnumbered.id')
        .limit(limit)
        .as('waiting'),
    )
    .set({ sequence: sql<number>`${last} + waiting.place` })
    .where('event.org_id', '=', org)
    .whereRef('event.id', '=', 'waiting.id')
    .executeTakeFirst()
  const count = Number(result.numUpdatedRows)
  await tx
    .updateTable('event_sequence')
    .set({ last: last + count })
    .where('org_id', '=', org)
    .execute()
  return count
}

function toEvent(row: EventTable): Event {
  return {
    id: row.id,
    sequence: row.sequence,
    name: row.type,
    at: row.at,
    outcome: row.outcome,
    reason: row.reason,
    userId: row.user_id,
    clientId: row.client_id,
    context: { requestId: row.request_id, ip: row.ip, userAgent: row.user_agent },
    details: row.details,
  }
}
