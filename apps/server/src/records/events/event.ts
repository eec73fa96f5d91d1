import type { Brand } from '../../platform/brand.ts'
import { catalog, type EventName } from './catalog.ts'

export type EventId = Brand<string, 'EventId'>

export type EventOutcome = 'SUCCESS' | 'FAILURE'

/** Where a request came from, as far as the audit keeps it. */
export type RequestContext = { requestId?: string; ip?: string; userAgent?: string }

export type EventInput = {
  at: number
  /** `SUCCESS` unless told otherwise. */
  outcome?: EventOutcome
  /** The stable code of a refusal. */
  reason?: string
  userId?: string
  clientId?: string
  context?: RequestContext
  /** What else is worth knowing: JSON, and never a secret, a token, a code or what somebody typed into a password. */
  details?: Readonly<Record<string, unknown>>
}

export type RefusalInput = Omit<EventInput, 'outcome' | 'reason'> & { reason: string }

export type Event = {
  id: EventId
  /** Its place among the org's events, without gaps; null until the sequencer has seen it. */
  sequence: number | null
  name: EventName
  at: number
  outcome: EventOutcome
  reason: string | null
  userId: string | null
  clientId: string | null
  context: { requestId: string | null; ip: string | null; userAgent: string | null }
  details: Readonly<Record<string, unknown>>
}

export function isEventName(name: string): name is EventName {
  return Object.hasOwn(catalog, name)
}
