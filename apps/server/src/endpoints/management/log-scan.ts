import { matchesFilter, possibleValues } from '../../platform/filter/index.ts'
import type { ClientId } from '../../records/clients/index.ts'
import {
  catalog,
  type Event,
  type EventName,
  type EventQuery,
  isEventName,
  listEvents,
} from '../../records/events/index.ts'
import { findUsers, userIdSchema } from '../../records/users/index.ts'
import type { House } from './house.ts'
import { type LogEvent, type Names, toLogEvent } from './log-event.ts'
import { actorOf, type LogQuery, logAttributes } from './logs.schema.ts'
import type { Call } from './route.ts'

type Found = { readonly event: Event; readonly shown: LogEvent }

export type Scan = {
  readonly found: readonly Found[]
  /** The last event that was looked at, whether it matched or not. */
  readonly last: Event | undefined
  /** Whether there is nothing after it. */
  readonly isDone: boolean
}

const batch = 1_000
/** How many events are looked through for one page; who asks for what is rare gets shorter pages, and the next one. */
const mostBatches = 10

/** What may be asked of the store; where the scan begins and goes on depends on the order. */
export type Continue = (last: Event | undefined) => Omit<EventQuery, 'limit' | 'types'>

/**
 * Looks for events that match, in order, until enough are found.
 *
 * What the filter says about the type of event is asked of the database; all else is tested on the event as it is
 * shown, so that a filter may name whatever it sees.
 */
export async function scanLog(house: House, call: Call, query: LogQuery, wanted: number, go: Continue): Promise<Scan> {
  const types = typesOf(query)
  const found: Found[] = []
  let last: Event | undefined
  for (let round = 0; round < mostBatches; round += 1) {
    const limit = query.filter || query.q ? batch : wanted
    const events = await listEvents(house.db, call.org.id, { ...go(last), limit, types })
    const names = await namesIn(house, call, events)
    for (const event of events) {
      const shown = toLogEvent(event, catalog[event.name].okta ?? '', names)
      last = event
      if (isMatch(shown, query)) found.push({ event, shown })
      if (found.length === wanted) return { found, last, isDone: false }
    }
    if (events.length < limit) return { found, last, isDone: true }
  }
  return { found, last, isDone: false }
}

const published = Object.entries(catalog).flatMap(([name, { okta }]) => (okta === null ? [] : [{ name, okta }]))

/** The types that the filter can mean; events that Okta has no type for are never among them. */
function typesOf({ filter }: LogQuery): EventName[] {
  const meant = filter && possibleValues(filter, 'eventType')
  const names = published.filter(({ okta }) => !meant || meant.has(okta)).map(({ name }) => name)
  return names.filter(isEventName)
}

async function namesIn({ db, cache }: House, { org }: Call, events: readonly Event[]): Promise<Names> {
  const userIds = new Set(events.flatMap(({ userId, details }) => [userId, actorOf(details.actor)?.userId]))
  const clientIds = new Set(events.flatMap(({ clientId }) => (clientId === null ? [] : [clientId])))
  const known = [...userIds].flatMap((id) => userIdSchema.safeParse(id).data ?? [])
  const users = await findUsers(db, org.id, known)
  const clients = await Promise.all([...clientIds].map((id) => cache.client(org, id as ClientId)))
  return {
    users: new Map(users.map((user) => [user.id, user])),
    clients: new Map(clients.flatMap((client) => (client ? [[client.id, client] as const] : []))),
  }
}

function isMatch(shown: LogEvent, { filter, q }: LogQuery): boolean {
  if (filter && !matchesFilter(filter, shown, logAttributes)) return false
  if (!q) return true
  const text = textsOf(shown).join('\n').toLowerCase()
  return q.every((word) => text.includes(word))
}

/** Every value in it; the names of members are in each event and say nothing. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(textsOf)
  return value === null || value === undefined ? [] : [String(value)]
}
