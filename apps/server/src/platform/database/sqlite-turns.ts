import type { CompiledQuery, QueryResult } from 'kysely'
import { errors, retrySoon } from './errors.ts'
import { isBusy, type SqliteConnection } from './sqlite-connection.ts'

/**
 * The turns at SQLite's one writer.
 *
 * A commit waits for the disk, and SQLite has one writer. So everyone who waits at the same time shares one commit:
 * each has the writer for itself in turn, between SAVEPOINT and RELEASE, and all are answered once the common COMMIT is
 * durable. A turn that fails is rolled back to its own savepoint, and the others know nothing of it.
 */
export type Turns = {
  /** Waits for the writer. Who takes a turn must give it back by `keep` or `undo`. */
  take(): Promise<Turn>
  run<Row>(turn: Turn, query: CompiledQuery): QueryResult<Row>
  /** Ends the turn; resolves once its changes are durable. */
  keep(turn: Turn): Promise<void>
  undo(turn: Turn): void
  /** Refuses newcomers and resolves once those that came before have been answered. */
  close(): Promise<void>
  counts(): { readonly transactions: number; readonly commits: number; readonly rollbacks: number; readonly waiting: number }
}

export type TurnOptions = {
  /** How many turns share a commit at most, so that the first of them is not kept waiting by the last. */
  readonly groupSize: number
  /** How long somebody waits for a turn before being refused as retryable, in milliseconds. */
  readonly patience: number
  readonly random: () => number
}

/** One turn. `lost` says why SQLite has rolled it back already, together with its whole group. */
export type Turn = { lost?: unknown }
type Waiter = { readonly resolve: (turn: Turn) => void; readonly reject: (reason: unknown) => void; readonly since: number }
type Kept = { readonly resolve: () => void; readonly reject: (reason: unknown) => void }

export function createTurns(writer: SqliteConnection, options: TurnOptions): Turns {
  const counts = { transactions: 0, commits: 0, rollbacks: 0 }
  const waiting: Waiter[] = []
  let active: Turn | undefined
  let kept: Kept[] = []
  let turnsInGroup = 0
  let begun = false
  let lockRetries = 0
  let retryTimer: NodeJS.Timeout | undefined
  let commitSoon: NodeJS.Immediate | undefined
  let closed: (() => void) | undefined

  function next(): void {
    while (!active && !retryTimer) {
      if (turnsInGroup >= options.groupSize) commit()
      const waiter = waiting[0]
      if (!waiter) return settle()
      if (performance.now() - waiter.since > options.patience) {
        waiting.shift()
        waiter.reject(errors.database_busy({ details: retrySoon }))
      } else if (begin(waiter)) {
        waiting.shift()
        waiter.resolve(start())
      }
    }
  }

  function start(): Turn {
    active = {}
    turnsInGroup += 1
    return active
  }

  /** Opens the group if need be, and the waiter's savepoint in it. */
  function begin(waiter: Waiter): boolean {
    try {
      if (!begun) writer.run(statement.begin)
      begun = true
      lockRetries = 0
      writer.run(statement.savepoint)
      return true
    } catch (thrown) {
      if (!begun && isBusy(thrown)) {
        retryTimer = setTimeout(retry, backoff(lockRetries++))
      } else {
        waiting.shift()
        waiter.reject(thrown)
        if (begun && !writer.isTransaction()) lose(thrown)
      }
      return false
    }
  }

  // Another process is writing. Waiting inside SQLite would stop everything here, reads included.
  function retry(): void {
    retryTimer = undefined
    next()
  }

  function backoff(attempt: number): number {
    return Math.min(2 ** attempt, 50) * (0.5 + options.random())
  }

  /** Nobody waits: commits once the callbacks that are due now have had their chance to join. */
  function settle(): void {
    if (begun) {
      commitSoon ??= setImmediate(() => {
        commitSoon = undefined
        if (!active && waiting.length === 0 && begun) commit()
        if (!begun && closed && isIdle()) closed()
      })
    } else if (closed && isIdle()) closed()
  }

  function isIdle(): boolean {
    return !active && waiting.length === 0 && kept.length === 0
  }

  function commit(): void {
    const group = kept
    kept = []
    turnsInGroup = 0
    begun = false
    try {
      writer.run(statement.commit)
    } catch (cause) {
      refuse(group, cause)
      return
    }
    if (group.length > 0) counts.commits += 1
    counts.transactions += group.length
    for (const { resolve } of group) resolve()
  }

  /** SQLite undoes the whole group by itself when it cannot write; otherwise it is done here. */
  function refuse(group: readonly Kept[], cause: unknown): void {
    if (writer.isTransaction()) writer.run(statement.rollback)
    counts.rollbacks += group.length
    for (const { reject } of group) reject(errors.database_commit_failed({ cause, details: retrySoon }))
  }

  function lose(cause: unknown): void {
    const group = kept
    kept = []
    turnsInGroup = 0
    begun = false
    if (active) active.lost = errors.database_commit_failed({ cause, details: retrySoon })
    refuse(group, cause)
  }

  function finish(turn: Turn): void {
    if (turn === active) active = undefined
  }

  return {
    take() {
      if (closed) return Promise.reject(errors.database_closed({ details: retrySoon }))
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject, since: performance.now() })
        next()
      })
    },
    run(turn, query) {
      if (turn.lost) throw turn.lost
      try {
        return writer.run(query)
      } catch (thrown) {
        if (!writer.isTransaction()) lose(thrown)
        throw thrown
      }
    },
    keep(turn) {
      return new Promise((resolve, reject) => {
        const failure = turn.lost ?? attempt(() => writer.run(statement.release))
        if (failure === undefined) kept.push({ resolve, reject })
        else reject(failure)
        finish(turn)
        next()
      })
    },
    undo(turn) {
      counts.rollbacks += 1
      const failure = turn.lost ?? attempt(() => undoSavepoint(writer))
      if (failure !== undefined && !turn.lost) lose(failure)
      finish(turn)
      next()
    },
    close() {
      return new Promise((resolve) => {
        closed = resolve
        next()
      })
    },
    counts: () => ({ ...counts, waiting: waiting.length }),
  }
}

function undoSavepoint(writer: SqliteConnection): void {
  writer.run(statement.rollbackTo)
  writer.run(statement.release)
}

function attempt(work: () => unknown): unknown {
  try {
    work()
    return undefined
  } catch (thrown) {
    return thrown
  }
}

const statement = {
  begin: { sql: 'BEGIN IMMEDIATE', parameters: [] },
  savepoint: { sql: 'SAVEPOINT turn', parameters: [] },
  release: { sql: 'RELEASE turn', parameters: [] },
  rollbackTo: { sql: 'ROLLBACK TO turn', parameters: [] },
  commit: { sql: 'COMMIT', parameters: [] },
  rollback: { sql: 'ROLLBACK', parameters: [] },
} as const
