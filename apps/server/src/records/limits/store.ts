import { sql } from 'kysely'
import type { Database, Reader } from '../../platform/database/index.ts'
import type { OrgId } from '../orgs/index.ts'
import { type AttemptKey, type AttemptLimit, type AttemptOutcome, judge } from './limit.ts'

type AttemptLimitTable = { org_id: OrgId; key: string; count: number; window_ends_at: number }

declare module '../../platform/database/schema.ts' {
  interface Schema {
    attempt_limit: AttemptLimitTable
  }
}

/**
 * Counts an attempt and tells whether it is within its limit. Call it before the attempt is looked at, on the database
 * itself: inside a transaction that is rolled back, the attempt would not have counted.
 *
 * One statement, so that attempts at the same time cannot both be the last one allowed.
 */
export async function takeAttempt(
  db: Reader,
  org: OrgId,
  key: string,
  { limit, windowMs }: AttemptLimit,
  now: number,
): Promise<AttemptOutcome> {
  const counted = await db
    .insertInto('attempt_limit')
    .values({ org_id: org, key, count: 1, window_ends_at: now + windowMs })
    .onConflict((conflict) =>
      conflict.columns(['org_id', 'key']).doUpdateSet({
        count: sql`CASE WHEN attempt_limit.window_ends_at <= ${now} THEN 1 ELSE attempt_limit.count + 1 END`,
        window_ends_at: sql`CASE WHEN attempt_limit.window_ends_at <= ${now} THEN excluded.window_ends_at
          ELSE attempt_limit.window_ends_at END`,
      }),
    )
    .returning(['count', 'window_ends_at'])
    .executeTakeFirstOrThrow()
  return judge({ count: counted.count, windowEndsAt: counted.window_ends_at }, limit, now)
}

/**
 * Counts an attempt under several keys in their order and stops at the first refusal; otherwise the tightest is told.
 *
 * Put the keys that the attacker pays for first (address, then identifier, then org): whoever is refused by their own
 * limit then uses up nobody else's.
 */
export async function takeAttempts(
  db: Reader,
  org: OrgId,
  keys: readonly AttemptKey[],
  now: number,
): Promise<AttemptOutcome & { key?: string }> {
  let tightest: AttemptOutcome & { key?: string } = {
    allowed: true,
    retryAfterMs: 0,
    remaining: Number.MAX_SAFE_INTEGER,
  }
  for (const { key, ...limit } of keys) {
    const outcome = await takeAttempt(db, org, key, limit, now)
    if (!outcome.allowed) return { ...outcome, key }
    if (outcome.remaining < tightest.remaining) tightest = { ...outcome, key }
  }
  return tightest
}

/** Forgets what was counted under these keys, for attempts that turned out well. */
export async function forgetAttempts(db: Reader, org: OrgId, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return
  await db.deleteFrom('attempt_limit').where('org_id', '=', org).where('key', 'in', keys).execute()
}

/** @returns how many counters were removed */
export async function removeExpiredLimits(db: Database, now: number): Promise<number> {
  const result = await db.deleteFrom('attempt_limit').where('window_ends_at', '<=', now).executeTakeFirst()
  return Number(result.numDeletedRows)
}
