import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../platform/clock.ts'
import type { OrgId } from '../../records/orgs/index.ts'

/** What is left of a minute's requests. */
export type Rate = { readonly limit: number; readonly remaining: number; readonly resetsAt: number }

/** Far above what one process serves to one caller for long; who gets there is in a loop. */
const perMinute = 6_000
const minute = 60_000

export type RateLimit = (org: OrgId, resource: string) => Rate & { readonly isOver: boolean }

/**
 * Counts the requests of an org to a resource within a minute, as Okta does.
 *
 * In this process alone: what it protects is the process, and a count that all agree on would cost every request a
 * write.
 */
export function openRateLimit(now: Clock): RateLimit {
  let counts = new Map<string, number>()
  let resetsAt = 0
  return (org, resource) => {
    const at = now()
    // A clock that was set back must not keep an old minute open.
    if (at >= resetsAt || resetsAt - at > minute) [counts, resetsAt] = [new Map(), endOfMinute(at)]
    const key = `${org} ${resource}`
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    return { limit: perMinute, remaining: Math.max(perMinute - count, 0), resetsAt, isOver: count > perMinute }
  }
}

/** What is told to those who were refused before they were counted. */
export function fullRate(at: number): Rate {
  return { limit: perMinute, remaining: perMinute, resetsAt: endOfMinute(at) }
}

const endOfMinute = (at: number) => (Math.floor(at / minute) + 1) * minute

/** The headers that every answer carries; the SDKs wait by them. */
export function stamp(request: FastifyRequest, reply: FastifyReply, { limit, remaining, resetsAt }: Rate): void {
  void reply.headers({
    'x-okta-request-id': request.id,
    'x-rate-limit-limit': String(limit),
    'x-rate-limit-remaining': String(remaining),
    'x-rate-limit-reset': String(Math.ceil(resetsAt / 1_000)),
  })
}
