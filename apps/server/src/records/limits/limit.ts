/** At most `limit` attempts within `windowMs`. */
export type AttemptLimit = { limit: number; windowMs: number }

/** What is counted, e.g. `password:ip:192.0.2.1`; it must hold nothing that may not lie readable in the database. */
export type AttemptKey = AttemptLimit & { key: string }

export type AttemptOutcome = {
  allowed: boolean
  /** How long to wait until the next attempt is allowed; 0 where this one was. */
  retryAfterMs: number
  /** How many attempts the window still has. */
  remaining: number
}

/** What a counter says, after the attempt was counted. */
export function judge(counted: { count: number; windowEndsAt: number }, limit: number, now: number): AttemptOutcome {
  const allowed = counted.count <= limit
  return {
    allowed,
    retryAfterMs: allowed ? 0 : Math.max(1, counted.windowEndsAt - now),
    remaining: Math.max(0, limit - counted.count),
  }
}
