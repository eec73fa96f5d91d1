import { setTimeout as sleep } from 'node:timers/promises'
import type { IsolationLevel, Kysely, Transaction } from 'kysely'
import { isLatchkeyError } from '../errors.ts'
import { randomOf } from './ground.ts'
import type { Schema } from './schema.ts'
import { withDeadline } from './scope.ts'

export type TransactionOptions = {
  /**
   * On PostgreSQL; SQLite's transactions are always one after another.
   *
   * `read committed` unless said otherwise: enough where unique indexes, compare-and-set and one-statement takes
   * decide. `serializable` where the transaction decides by what it has read elsewhere.
   */
  readonly isolation?: Extract<IsolationLevel, 'read committed' | 'repeatable read' | 'serializable'>
  /** Milliseconds after which the transaction is undone and refused. */
  readonly deadline?: number
}

const attempts = 6

/**
 * Runs one use case's transaction and answers once its changes are durable.
 *
 * Await SQL only: on SQLite everyone else's writes wait meanwhile. The work may run again after a conflict on
 * PostgreSQL, so what it does outside the database must bear repetition. What it throws undoes it and is thrown on.
 *
 * @throws {LatchkeyError} retryable (`isRetryable`): `database_busy`, `database_conflict`, `database_unavailable`,
 * `database_commit_failed`, `database_closed`, `transaction_timed_out`
 * @example
 * const session = await inTransaction(db, async (tx) => {
 *   await saveCredential(tx, org.id, credential)
 *   return await startSession(tx, org.id, { userId: credential.userId })
 * })
 */
export async function inTransaction<T, Tables = Schema>(
  db: Kysely<Tables>,
  work: (tx: Transaction<Tables>) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await once(db, work, options)
    } catch (thrown) {
      if (attempt >= attempts || !isLatchkeyError(thrown, 'database_conflict')) throw thrown
      // The pause grows and is drawn at random, so that those who collided do not meet again.
      await sleep(2 ** attempt * 4 * randomOf(db)())
    }
  }
}

async function once<T, Tables>(
  db: Kysely<Tables>,
  work: (tx: Transaction<Tables>) => Promise<T>,
  { isolation, deadline }: TransactionOptions,
): Promise<T> {
  const transaction = isolation ? db.transaction().setIsolationLevel(isolation) : db.transaction()
  if (deadline === undefined) return await transaction.execute(work)
  return await withDeadline(deadline, () => transaction.execute(work))
}
