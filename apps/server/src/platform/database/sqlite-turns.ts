import type { CompiledQuery, QueryResult } from 'kysely'
import { errors, retrySoon } from './errors.ts'
import type { DatabaseStatistics } from './link.ts'
import { isBusy, type SqliteConnection } from './sqlite-connection.ts'

/**
 * The turns at SQLite's one writer.
 *
 * A commit waits for the disk, and SQLite has one writer. So everyone who waits at the same time shares one commit:
 * each has the writer for itself in turn, between SAVEPOINT and RELEASE, and all are answered once the common COMMIT is
 * durable. A turn that fails is rolled back to its own savepoint, and the others know nothing of it.
 */
export type Turns = {
  readonly writer: SqliteConnection
  readonly options: TurnOptions
  readonly waiting: Waiter[]
  active: Turn | undefined
  group: Group
  /** Set while nobody is given a turn because the lock is, or is left to be, another process's. */
  pause: NodeJS.Timeout | undefined
  /** When the lock was last released, and last left free for long enough that another process could take it. */
  lock: { releasedAt: number; leftFreeAt: number }
  commitSoon: NodeJS.Immediate | undefined
  counts: Omit<DatabaseStatistics, 'waiting'>
}

export type TurnOptions = {
  /** How many turns share a commit at most, so that the first of them is not kept waiting by the last. */
  readonly groupSize: number
  /** How long somebody waits for a turn before being refused as retryable, in milliseconds. */
  readonly patience: number
  readonly random: () => number
}

/** One turn. `lost` says why it is rolled back already, together with its whole group. */
export type Turn = { lost?: unknown }
/** What shares a commit: how many turns were begun in it, and who waits for it to be kept. */
type Group = { begun: boolean; turns: number; kept: Kept[] }
type Kept = { readonly resolve: () => void; readonly reject: (reason: unknown) => void }
type Waiter = {
  readonly resolve: (turn: Turn) => void
  readonly reject: (reason: unknown) => void
  readonly since: number
}

export function createTurns(writer: SqliteConnection, options: TurnOptions): Turns {
  return {
    writer,
    options,
    waiting: [],
    active: undefined,
    group: emptyGroup(),
    pause: undefined,
    lock: { releasedAt: 0, leftFreeAt: 0 },
    commitSoon: undefined,
    counts: { transactions: 0, commits: 0, rollbacks: 0 },
  }
}

/** Waits for the writer. Who takes a turn gives it back by `keepTurn` or `undoTurn`. */
export function takeTurn(turns: Turns): Promise<Turn> {
  return new Promise((resolve, reject) => {
    turns.waiting.push({ resolve, reject, since: performance.now() })
    next(turns)
  })
}

/** Runs a statement in this turn. */
export function runInTurn<Row>(turns: Turns, turn: Turn, query: CompiledQuery): QueryResult<Row> {
  if (turn.lost) throw turn.lost
  if (turn !== turns.active) throw errors.transaction_over()
  try {
    return turns.writer.run(query)
  } catch (thrown) {
    // A full disk, for one, makes SQLite roll back everything that is open, the others' savepoints included.
    if (!turns.writer.isTransaction()) lose(turns, thrown)
    throw thrown
  }
}

/** Ends the turn; resolves once its changes are durable. */
export function keepTurn(turns: Turns, turn: Turn): Promise<void> {
  if (turn !== turns.active) return Promise.reject(errors.transaction_over())
  return new Promise((resolve, reject) => {
    const failure = turn.lost ?? failureOf(() => turns.writer.run(statement.release))
    if (failure === undefined) turns.group.kept.push({ resolve, reject })
    else reject(failure)
    finish(turns)
  })
}

/** Ends the turn and undoes its changes. */
export function undoTurn(turns: Turns, turn: Turn): void {
  if (turn !== turns.active) return
  if (!turn.lost) {
    const failure = failureOf(() => {
      turns.writer.run(statement.rollbackTo)
      turns.writer.run(statement.release)
    })
    if (failure !== undefined) lose(turns, failure)
    turns.counts = { ...turns.counts, rollbacks: turns.counts.rollbacks + 1 }
  }
  finish(turns)
}

/** Stops the clocks, once nobody holds or awaits a turn. */
export function closeTurns(turns: Turns): void {
  clearImmediate(turns.commitSoon)
  clearTimeout(turns.pause)
}

function finish(turns: Turns): void {
  turns.active = undefined
  next(turns)
}

function next(turns: Turns): void {
  while (!turns.active && !turns.pause && !isFull(turns)) {
    const waiter = turns.waiting.shift()
    if (!waiter) break
    if (performance.now() - waiter.since > turns.options.patience) {
      waiter.reject(errors.database_busy({ details: retrySoon }))
    } else {
      give(turns, waiter)
    }
  }
  if (mayCommit(turns)) commitSoon(turns)
}

function isFull({ group, options }: Turns): boolean {
  return group.turns >= options.groupSize
}

function mayCommit(turns: Turns): boolean {
  return turns.group.begun && !turns.active && (turns.waiting.length === 0 || isFull(turns))
}

/** Gives the writer to the waiter, in the open group or a new one. */
function give(turns: Turns, waiter: Waiter): void {
  const { writer, group } = turns
  try {
    if (!group.begun && !beginGroup(turns)) {
      turns.waiting.unshift(waiter)
      return
    }
    writer.run(statement.savepoint)
  } catch (thrown) {
    if (group.begun && !writer.isTransaction()) lose(turns, thrown)
    waiter.reject(thrown)
    return
  }
  group.turns += 1
  turns.active = {}
  waiter.resolve(turns.active)
}

/**
 * Takes the lock of the file, or pauses and says no.
 *
 * Waiting for another process inside SQLite would stop everything here, reads included. And since SQLite has no queue
 * for its lock, a server that is never idle leaves it free for a moment now and then, or `latchkey apply` would starve.
 */
function beginGroup(turns: Turns): boolean {
  const { writer, lock, group, options } = turns
  const now = performance.now()
  if (now - lock.releasedAt >= breath) lock.leftFreeAt = now
  if (now - lock.leftFreeAt > longestHold) {
    pause(turns, breath)
    return false
  }
  try {
    writer.run(statement.begin)
    group.begun = true
    return true
  } catch (thrown) {
    if (!isBusy(thrown)) throw thrown
    pause(turns, breath * (0.2 + 0.6 * options.random()))
    return false
  }
}

/** How long the lock is left free, and how long it may be taken again at once, in milliseconds. */
const breath = 3
const longestHold = 500

function pause(turns: Turns, milliseconds: number): void {
  turns.pause = setTimeout(() => {
    turns.pause = undefined
    next(turns)
  }, milliseconds)
}

/**
 * Commits once the callbacks that are due now have had their chance to join.
 *
 * A full group also waits for this: were it committed at once, a crowd that comes again as soon as it is answered
 * would keep timers and sockets waiting for ever.
 */
function commitSoon(turns: Turns): void {
  turns.commitSoon ??= setImmediate(() => {
    turns.commitSoon = undefined
    if (mayCommit(turns)) commit(turns)
    next(turns)
  })
}

function commit(turns: Turns): void {
  const { kept } = turns.group
  const failure = failureOf(() => turns.writer.run(statement.commit))
  if (failure !== undefined) {
    lose(turns, failure)
    return
  }
  turns.group = emptyGroup()
  turns.lock.releasedAt = performance.now()
  const { transactions, commits, rollbacks } = turns.counts
  turns.counts = { transactions: transactions + kept.length, commits: commits + (kept.length > 0 ? 1 : 0), rollbacks }
  for (const { resolve } of kept) resolve()
}

/** Nothing of the group is kept: everyone in it is refused, and may come again. */
function lose(turns: Turns, cause: unknown): void {
  const { kept } = turns.group
  turns.group = emptyGroup()
  // A commit that a deferred foreign key refuses leaves the transaction open; a full disk does not.
  if (turns.writer.isTransaction()) failureOf(() => turns.writer.run(statement.rollback))
  const refusal = errors.database_commit_failed({ cause, details: retrySoon })
  if (turns.active) turns.active.lost = refusal
  const lost = kept.length + (turns.active ? 1 : 0)
  turns.counts = { ...turns.counts, rollbacks: turns.counts.rollbacks + lost }
  for (const { reject } of kept) reject(refusal)
}

function failureOf(work: () => unknown): unknown {
  try {
    work()
    return undefined
  } catch (thrown) {
    return thrown
  }
}

function emptyGroup(): Group {
  return { begun: false, turns: 0, kept: [] }
}

const statement = {
  begin: { sql: 'BEGIN IMMEDIATE', parameters: [] },
  savepoint: { sql: 'SAVEPOINT turn', parameters: [] },
  release: { sql: 'RELEASE turn', parameters: [] },
  rollbackTo: { sql: 'ROLLBACK TO turn', parameters: [] },
  commit: { sql: 'COMMIT', parameters: [] },
  rollback: { sql: 'ROLLBACK', parameters: [] },
} as const
