import type { FastifyRequest } from 'fastify'
import type { LatchkeyError } from '../platform/errors.ts'
import type { Ground } from '../platform/ground.ts'
import { contextOf } from '../platform/http/index.ts'
import { type EventName, isEventName, recordRefusal } from '../records/events/index.ts'
import { countFlood } from './flood.ts'

/** How many refusals of one network are recorded in a minute; a flood must not fill the audit. */
const recordedPerMinute = 120

/**
 * Makes the one place where refusals are recorded, so that no endpoint can forget it: under the event that the error
 * or its route names, with the code as the reason, committed on its own.
 */
export function recordingRefusals({
  db,
  now,
}: Ground): (error: LatchkeyError, request: FastifyRequest) => Promise<void> {
  const flood = countFlood(now, recordedPerMinute)
  return async (error, request) => {
    const name = eventOf(error, request)
    if (!name || error.status >= 500 || !request.org || flood(request)) return
    const { userId, clientId, details } = error.audit
    await recordRefusal(db, request.org.id, name, {
      at: now(),
      reason: error.code,
      context: contextOf(request),
      ...(userId !== undefined && { userId }),
      ...(clientId !== undefined && { clientId }),
      details: { ...details, ...(request.routeOptions.url !== undefined && { route: request.routeOptions.url }) },
    })
  }
}

function eventOf(error: LatchkeyError, request: FastifyRequest): EventName | undefined {
  const named = error.audit.event ?? request.routeOptions.config.refusal
  return named !== undefined && isEventName(named) ? named : undefined
}
