import { AsyncLocalStorage } from 'node:async_hooks'
import type { ConnectionProvider, DatabaseConnection, Driver } from 'kysely'
import { errors, retrySoon } from './errors.ts'
import { type Link, type Links, onlyReads } from './link.ts'

/** What has become of the transaction that one connection was asked for. */
type Scope = {
  state: 'none' | 'open' | 'over' | 'expired'
  /** Ends the caller's wait while its work still runs. */
  refuse?: (reason: unknown) => void
  timer?: NodeJS.Timeout
}

/** The transaction around the running code, so that a write beside it is told from a write of its own. */
const around = new AsyncLocalStorage<Scope>()
const deadlines = new AsyncLocalStorage<number>()

/** Runs `work` with another deadline for the transactions that it begins. */
export function withDeadline<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  return deadlines.run(milliseconds, work)
}

type ScopedConnection = DatabaseConnection & { readonly link: Link; readonly scope: Scope; readonly outer?: Scope }

/**
 * Hands out connections, each in a scope that ends a transaction at its deadline.
 *
 * A transaction whose work never ends would otherwise hold SQLite's only writer, or a pooled connection with its row
 * locks, for good. It is rolled back and its caller answered, while its work, if it ever goes on, is refused.
 */
export function scopedConnections(links: Links, deadline: number): { provider: ConnectionProvider; driver: Driver } {
  const provider: ConnectionProvider = {
    async provideConnection(consumer) {
      const outer = around.getStore()
      const link = await links.acquire()
      const scope: Scope = { state: 'none' }
      const connection = scopedConnection(link, scope, outer)
      try {
        return await around.run(scope, () => untilRefused(scope, () => consumer(connection)))
      } finally {
        end(scope, 'over')
        link.release()
      }
    },
  }
  return { provider, driver: scopedDriver(links, deadline) }
}

function refuseInside(outer: Scope | undefined): void {
  if (outer?.state === 'open') throw errors.write_outside_transaction()
}

function untilRefused<T>(scope: Scope, work: () => Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    scope.refuse = reject
    work().then(resolve, reject)
  })
}

function scopedConnection(link: Link, scope: Scope, outer: Scope | undefined): ScopedConnection {
  return {
    link,
    scope,
    ...(outer && { outer }),
    async executeQuery(query) {
      if (scope.state === 'expired') throw timedOut()
      if (scope.state === 'over') throw errors.transaction_over()
      if (scope.state === 'none' && !onlyReads(query.query, query.sql)) refuseInside(outer)
      return await link.run(query)
    },
    // biome-ignore lint/correctness/useYield: Kysely asks for a generator; this one has nothing to give.
    async *streamQuery() {
      throw errors.streaming_unsupported()
    },
  }
}

function scopedDriver(links: Links, standardDeadline: number): Driver {
  return {
    async init() {},
    async acquireConnection() {
      throw new TypeError('connections come from the connection provider')
    },
    async releaseConnection() {},
    async beginTransaction(connection, settings) {
      const { link, scope, outer } = scoped(connection)
      refuseInside(outer)
      await link.begin(settings)
      scope.state = 'open'
      const deadline = deadlines.getStore() ?? standardDeadline
      if (Number.isFinite(deadline)) scope.timer = setTimeout(expire, deadline, scope)
    },
    async commitTransaction(connection) {
      const { link, scope } = scoped(connection)
      if (scope.state === 'expired') throw timedOut()
      end(scope, 'over')
      await link.commit()
    },
    async rollbackTransaction(connection) {
      const { link, scope } = scoped(connection)
      // Nothing is left to undo after the deadline, or after a commit that failed.
      if (scope.state !== 'open') return
      end(scope, 'over')
      await link.rollback()
    },
    async destroy() {
      await links.close()
    },
  }
}

function expire(scope: Scope): void {
  end(scope, 'expired')
  // The caller's wait ends, and with it the connection is released.
  scope.refuse?.(timedOut())
}

function end(scope: Scope, state: 'over' | 'expired'): void {
  clearTimeout(scope.timer)
  if (scope.state !== 'expired') scope.state = state
}

function timedOut() {
  return errors.transaction_timed_out({ details: retrySoon })
}

function scoped(connection: DatabaseConnection): ScopedConnection {
  if ('link' in connection && 'scope' in connection) return connection as ScopedConnection
  throw new TypeError('this connection comes from elsewhere')
}
