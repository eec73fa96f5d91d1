import type { FastifyRequest } from 'fastify'
import { networkOf } from '../platform/addresses.ts'

/** Tells whether a request is one too many from its network in this minute. */
export type Flood = (request: Pick<FastifyRequest, 'ip'>) => boolean

/** Counts by network in this process alone: it saves disk, it protects nothing. */
export function countFlood(now: () => number, perMinute: number): Flood {
  let minute = 0
  let counts = new Map<string, number>()
  return ({ ip }) => {
    const current = Math.floor(now() / 60_000)
    if (current !== minute) [minute, counts] = [current, new Map()]
    const network = networkOf(ip)
    const count = (counts.get(network) ?? 0) + 1
    counts.set(network, count)
    return count > perMinute
  }
}
