import { day } from '../../platform/clock.ts'
import { matchesFilter } from '../../platform/filter/index.ts'
import { type Event, findLastSequence, findSequenceBefore } from '../../records/events/index.ts'
import { invalid, managementErrors } from './errors.ts'
import type { House } from './house.ts'
import { scanLog } from './log-scan.ts'
import { type LogQuery, logAttributes, logQuery } from './logs.schema.ts'
import { cursorAfter, linkPages, positionOf } from './paging.ts'
import { parseQuery } from './parse.ts'
import type { Call, Route } from './route.ts'

export const logRoutes: readonly Route[] = [['GET', '/api/v1/logs', 'okta.logs.read', list]]

const lookedBack = 7 * day

async function list(house: House, call: Call): Promise<object> {
  const query = parseQuery(logQuery, call.request.query)
  const { since, until, filter } = query
  if (since !== undefined && until !== undefined && since > until)
    throw invalid('since', 'since: The since must not be later than the until')
  // A filter that names what is nowhere is refused even where there is no event to test.
  if (filter) matchesFilter(filter, {}, logAttributes)
  const isPolling = until === undefined && query.sortOrder === 'ASCENDING'
  return isPolling ? await follow(house, call, query) : await readBetween(house, call, query)
}

/**
 * Answers whoever follows the log: by the numbers that events get after their commit, so that one that commits late is
 * never passed over. There is always a next page, if only a later one.
 */
async function follow(house: House, call: Call, query: LogQuery): Promise<object> {
  const { org, request, reply } = call
  const since = query.since ?? house.now() - lookedBack
  const newest = await findLastSequence(house.db, org.id)
  const begin = query.after === undefined ? await findSequenceBefore(house.db, org.id, since) : sequenceOf(query.after)
  const go = (last: Event | undefined) => ({ since, afterSequence: last?.sequence ?? begin })
  const { found, last, isDone } = await scanLog(house, call, query, query.limit, go)
  const seen = last?.sequence ?? begin
  // What was numbered before the scan and is not in it, is of no interest to this follower.
  linkPages(request, reply, { after: `s${isDone ? Math.max(seen, newest) : seen}` })
  return found.map(({ shown }) => shown)
}

function sequenceOf(cursor: string): number {
  if (!/^s\d{1,15}$/.test(cursor)) throw managementErrors.cursor_invalid()
  return Number(cursor.slice(1))
}

/** Answers with what happened in a span of time, oldest or newest first; the last page has no next. */
async function readBetween(house: House, call: Call, query: LogQuery): Promise<object> {
  const { until, after, sortOrder, limit } = query
  const since = query.since ?? (until ?? house.now()) - lookedBack
  const begin = after === undefined ? undefined : positionOf(after)
  const from = begin && { at: begin.createdAt, id: begin.id }
  const span = { since, newestFirst: sortOrder === 'DESCENDING', ...(until !== undefined && { until }) }
  const scan = await scanLog(house, call, query, limit + 1, (last) => {
    const position = last ?? from
    return { ...span, ...(position && { after: position }) }
  })
  const page = scan.found.slice(0, limit)
  const isFull = scan.found.length > limit
  const end = isFull ? page.at(-1)?.event : scan.isDone ? undefined : scan.last
  linkPages(call.request, call.reply, end && { after: cursorAfter({ createdAt: end.at, id: end.id }) })
  return page.map(({ shown }) => shown)
}
