import { defineErrors, isLatchkeyError } from '../errors.ts'

const again = 'Try again in a moment.'

export const errors = defineErrors({
  database_busy: { status: 503, message: `The database is busy. ${again}` },
  database_conflict: { status: 503, message: `Another request changed the same data. ${again}` },
  database_unavailable: { status: 503, message: `The database cannot be reached. ${again}` },
  database_commit_failed: { status: 503, message: `The database could not keep the change. ${again}` },
  database_closed: { status: 503, message: `The server is stopping. ${again}` },
  transaction_timed_out: { status: 503, message: `The change took too long and was undone. ${again}` },
  text_contains_nul: { status: 400, message: 'Text must not contain the character U+0000.' },
  text_not_unicode: { status: 400, message: 'Text must be well-formed Unicode.' },
  value_not_storable: { status: 500, message: 'A value of this kind cannot be stored.' },
  write_outside_transaction: {
    status: 500,
    message: 'Inside a transaction, write through the transaction: a write through the database would wait for itself.',
  },
  transaction_over: { status: 500, message: 'This transaction is over.' },
  transaction_aborted: {
    status: 500,
    message: 'A statement of this transaction failed before; PostgreSQL keeps nothing of it.',
  },
  streaming_unsupported: { status: 500, message: 'Read long lists page by page, ordered by (created, id).' },
  database_setting_invalid: { status: 500, message: 'The database setting is not valid.' },
  migration_failed: { status: 500, message: 'A migration failed; the schema is as it was before it.' },
})

/** What a client of ours may do about a retryable refusal: seconds, for the Retry-After header. */
export const retrySoon = { retryAfter: 1 } as const

const retryable = new Set([
  'database_busy',
  'database_conflict',
  'database_unavailable',
  'database_commit_failed',
  'database_closed',
  'transaction_timed_out',
])

/** Tells whether the same request may succeed a moment later; such an error carries `details.retryAfter` in seconds. */
export function isRetryable(thrown: unknown): boolean {
  return isLatchkeyError(thrown) && retryable.has(thrown.code)
}

/** SQLite's extended result codes, SQLITE_CONSTRAINT_UNIQUE, _PRIMARYKEY and _ROWID. */
const sqliteUnique = new Set([2067, 1555, 2579])

/**
 * Tells whether a unique index or primary key refused a write.
 *
 * On PostgreSQL the failed statement has spent its transaction: let the error leave `inTransaction` before acting on
 * it, or write `onConflict((c) => c.doNothing())` and look at what was inserted.
 */
export function isUniqueViolation(thrown: unknown): boolean {
  return sqlStateOf(thrown) === '23505' || sqliteUnique.has(sqliteCodeOf(thrown) ?? 0)
}

/** Tells whether a foreign key refused a write: what it points to is gone, or is still pointed to. */
export function isForeignKeyViolation(thrown: unknown): boolean {
  return sqlStateOf(thrown) === '23503' || sqliteCodeOf(thrown) === 787
}

/** PostgreSQL's five-character code, where the thrown thing is an answer of the server. */
export function sqlStateOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown) || !('severity' in thrown)) return undefined
  return typeof thrown.code === 'string' ? thrown.code : undefined
}

/** SQLite's extended result code, where the thrown thing comes from `node:sqlite`. */
export function sqliteCodeOf(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || !('errcode' in thrown)) return undefined
  return typeof thrown.errcode === 'number' ? thrown.errcode : undefined
}
