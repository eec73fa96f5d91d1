import type { CompiledQuery, QueryResult, TransactionSettings } from 'kysely'
import type { QueryResult as Answer, Pool, PoolClient } from 'pg'
import { errors, retrySoon } from './errors.ts'
import type { Link, Links } from './link.ts'
import { breaksConnection, isStalePlan, translate } from './postgres-errors.ts'
import { createStatementNames, type StatementNames } from './postgres-names.ts'
import { typesReadAlike } from './postgres-values.ts'
import { toStored } from './values.ts'

export type PostgresOptions = {
  readonly poolSize: number
  /** Milliseconds after which the server gives a statement up. */
  readonly statementTimeout: number
  /** Milliseconds after which the server gives up a transaction in which nothing happens. */
  readonly idleTimeout: number
  /** Milliseconds to wait for a free connection. */
  readonly patience: number
  readonly onConnectionLost: (reason: unknown) => void
}

type Counts = { transactions: number; commits: number; rollbacks: number }
type Server = { readonly pool: Pool; readonly names: StatementNames; readonly counts: Counts }

/** Opens a pool of connections to the server. */
export async function openPostgres(url: string, options: PostgresOptions): Promise<Links> {
  // Loaded here, so that a server on SQLite does not carry it in memory.
  const pg = await import('pg')
  const pool = new pg.Pool({
    connectionString: url,
    max: options.poolSize,
    connectionTimeoutMillis: options.patience,
    statement_timeout: options.statementTimeout,
    idle_in_transaction_session_timeout: options.idleTimeout,
    fallback_application_name: 'latchkey',
    keepAlive: true,
    types: typesReadAlike(pg.types),
  })
  // Without both listeners the end of a connection ends the process.
  pool.on('error', options.onConnectionLost)
  pool.on('connect', (client) => client.on('error', options.onConnectionLost))
  const counts: Counts = { transactions: 0, commits: 0, rollbacks: 0 }
  const server = { pool, names: createStatementNames(), counts }
  return {
    acquire: async () => createLink(server, await connect(pool, options.poolSize)),
    statistics: () => ({ ...counts, waiting: pool.waitingCount }),
    async close() {
      if (!pool.ending) await pool.end()
    },
  }
}

async function connect(pool: Pool, poolSize: number): Promise<PoolClient> {
  if (pool.ending) throw errors.database_closed({ details: retrySoon })
  try {
    return await pool.connect()
  } catch (cause) {
    const isCrowded = pool.totalCount >= poolSize
    throw (isCrowded ? errors.database_busy : errors.database_unavailable)({ cause, details: retrySoon })
  }
}

type State = { isOpen: boolean; isBroken: boolean }

function createLink(server: Server, client: PoolClient): Link {
  const state: State = { isOpen: false, isBroken: false }
  return {
    run: (query) => runQuery(server, client, state, query),
    async begin(settings) {
      await send(client, state, { text: beginWith(settings) })
      state.isOpen = true
    },
    async commit() {
      const { command } = await send(client, state, { text: 'COMMIT' })
      state.isOpen = false
      if (command === 'ROLLBACK') throw errors.transaction_aborted()
      server.counts.transactions += 1
      server.counts.commits += 1
    },
    async rollback() {
      server.counts.rollbacks += 1
      state.isOpen = false
      // The reason for the rollback is what the caller must hear, not that it found the connection gone.
      await send(client, state, { text: 'ROLLBACK' }).catch(() => {
        state.isBroken = true
      })
    },
    release() {
      if (state.isOpen) server.counts.rollbacks += 1
      client.release(state.isBroken || state.isOpen)
    },
  }
}

function beginWith({ isolationLevel, accessMode }: TransactionSettings): string {
  return ['BEGIN', isolationLevel && `ISOLATION LEVEL ${isolationLevel}`, accessMode].filter(Boolean).join(' ')
}

async function runQuery<Row>(
  server: Server,
  client: PoolClient,
  state: State,
  query: CompiledQuery,
): Promise<QueryResult<Row>> {
  const values = query.parameters.map(toStored)
  const text = query.sql
  const name = server.names.nameOf(text)
  try {
    return toResult(await send(client, state, { text, values, ...(name && { name }) }))
  } catch (thrown) {
    const isStale = thrown instanceof Error && isStalePlan(thrown.cause)
    if (isStale) server.names.renew()
    // Inside a transaction the failure has spent it: `inTransaction` begins it again.
    if (!isStale || state.isOpen) throw thrown
    return toResult(await send(client, state, { text, values }))
  }
}

type Statement = { readonly text: string; readonly values?: unknown[]; readonly name?: string }

async function send(client: PoolClient, state: State, statement: Statement): Promise<Answer> {
  try {
    return await client.query(statement)
  } catch (thrown) {
    if (breaksConnection(thrown)) state.isBroken = true
    throw translate(thrown)
  }
}

const writes = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])

function toResult<Row>({ command, rowCount, rows }: Answer): QueryResult<Row> {
  return writes.has(command) ? { numAffectedRows: BigInt(rowCount ?? 0), rows } : { rows }
}
