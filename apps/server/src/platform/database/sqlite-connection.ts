import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import type { CompiledQuery, QueryResult } from 'kysely'
import { errors, retrySoon, sqliteCodeOf } from './errors.ts'
import { type StoredValue, toStored } from './values.ts'

/** One open connection to the file. Everything on it is synchronous. */
export type SqliteConnection = {
  run<Row>(query: Pick<CompiledQuery, 'sql' | 'parameters'>): QueryResult<Row>
  /** False after SQLite has rolled everything back by itself, as it does when the disk is full. */
  isTransaction(): boolean
  close(): void
}

type Convert = (value: unknown) => unknown
type Column = { readonly name: string; readonly convert: Convert | undefined }
type Prepared = { readonly statement: StatementSync; columns: readonly Column[] }

const cachedStatements = 500
/** Two processes that open a new file at once wait for each other this long, in milliseconds. */
const openingTime = 5_000
/** A reader waits only for a process that recovers the log after a crash. */
const readingPatience = 1_000
/** LIKE as PostgreSQL has it, and a schema that cannot call functions on us. */
const commonPragmas = ['foreign_keys = ON', 'case_sensitive_like = ON', 'trusted_schema = OFF', 'temp_store = MEMORY']

/** Makes the file and its folder if they are missing, readable by this user only. */
export function createSqliteFile(path: string): void {
  mkdirSync(dirname(resolve(path)), { recursive: true, mode: 0o700 })
  if (existsSync(path)) return
  closeSync(openSync(path, 'a', 0o600))
  // The umask may have taken less away than we want, never more; SQLite gives its -wal and -shm the same mode.
  chmodSync(path, 0o600)
}

/** The connection that writes. Others may write the file too, so that it never waits by itself: see `sqlite-turns.ts`. */
export function openWriter(path: string): SqliteConnection {
  const connection = connectTo(path, {
    timeout: openingTime,
    pragmas: ['journal_mode = WAL', 'synchronous = FULL', 'fullfsync = ON', 'busy_timeout = 0'],
  })
  const { rows } = connection.run<{ journal_mode: string }>({ sql: 'PRAGMA journal_mode', parameters: [] })
  if (rows[0]?.journal_mode === 'wal') return connection
  connection.close()
  throw errors.database_setting_invalid({ message: `The file system of ${path} cannot hold a write-ahead log.` })
}

/** The connection that reads what is committed, while the writer is in the middle of something. */
export function openReader(path: string): SqliteConnection {
  return connectTo(path, { timeout: readingPatience, readOnly: true, pragmas: [] })
}

type ConnectionSettings = { timeout: number; readOnly?: boolean; pragmas: readonly string[] }

function connectTo(path: string, { pragmas, ...settings }: ConnectionSettings): SqliteConnection {
  try {
    const database = new DatabaseSync(path, settings)
    for (const pragma of [...pragmas, ...commonPragmas]) database.exec(`PRAGMA ${pragma}`)
    return connectionTo(database)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'unknown'
    throw errors.database_setting_invalid({ cause, message: `The database ${path} cannot be opened: ${why}.` })
  }
}

function connectionTo(database: DatabaseSync): SqliteConnection {
  const statements = new Map<string, Prepared>()
  return {
    run(query) {
      try {
        return execute(prepared(database, statements, query.sql), query.parameters)
      } catch (cause) {
        throw translate(cause)
      }
    },
    isTransaction: () => database.isTransaction,
    close() {
      statements.clear()
      database.close()
    },
  }
}

/** Finds the statement among the last ones used, or prepares it. */
function prepared(database: DatabaseSync, statements: Map<string, Prepared>, text: string): Prepared {
  const known = statements.get(text)
  if (known) {
    statements.delete(text)
    statements.set(text, known)
    return known
  }
  const statement = database.prepare(text)
  statement.setReturnArrays(true)
  const fresh = { statement, columns: columnsOf(statement) }
  statements.set(text, fresh)
  const oldest = statements.size > cachedStatements ? statements.keys().next().value : undefined
  if (oldest !== undefined) statements.delete(oldest)
  return fresh
}

function columnsOf(statement: StatementSync): readonly Column[] {
  return statement.columns().map(({ name, type }) => ({ name, convert: converters[(type ?? '').toUpperCase()] }))
}

/** How a column's declared type is read back. Expressions have no declared type and stay as SQLite gives them. */
const converters: Readonly<Record<string, Convert>> = {
  BOOLEAN: (value) => (value === null ? null : value !== 0),
  JSON: (value) => (typeof value === 'string' ? JSON.parse(value) : value),
}

function execute<Row>(prepared: Prepared, parameters: readonly unknown[]): QueryResult<Row> {
  const values = parameters.map(toSqlite)
  const { statement } = prepared
  if (prepared.columns.length === 0) return { numAffectedRows: BigInt(statement.run(...values).changes), rows: [] }
  const rows = statement.all(...values) as unknown as readonly (readonly unknown[])[]
  // A migration, perhaps of another process, has widened the table under `select *`.
  if (rows[0] && rows[0].length !== prepared.columns.length) prepared.columns = columnsOf(statement)
  const found = rows.map((row) => toRow(prepared.columns, row) as Row)
  return { numAffectedRows: BigInt(found.length), rows: found }
}

function toRow(columns: readonly Column[], values: readonly unknown[]): Record<string, unknown> {
  const row: Record<string, unknown> = {}
  for (const [index, { name, convert }] of columns.entries()) {
    const value: unknown = values[index]
    row[name] = convert ? convert(value) : value
  }
  return row
}

/** Integers are bound as such: as a double, 1 would be the text '1.0' where SQLite makes text of it. */
function toSqlite(value: unknown): SQLInputValue {
  const stored: StoredValue = toStored(value)
  if (typeof stored === 'boolean') return stored ? 1 : 0
  return typeof stored === 'number' && Number.isInteger(stored) ? BigInt(stored) : stored
}

const SQLITE_BUSY = 5
const SQLITE_LOCKED = 6
/** PERM, NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB: the file or the machine, not the statement. */
const unavailable = new Set([3, 7, 8, 10, 11, 13, 14, 15, 26])

/** Tells whether another connection, probably of another process, holds the lock that was asked for. */
export function isBusy(thrown: unknown): boolean {
  const code = (sqliteCodeOf(thrown instanceof Error && thrown.cause ? thrown.cause : thrown) ?? 0) & 0xff
  return code === SQLITE_BUSY || code === SQLITE_LOCKED
}

function translate(thrown: unknown): unknown {
  const code = (sqliteCodeOf(thrown) ?? 0) & 0xff
  if (code === SQLITE_BUSY || code === SQLITE_LOCKED) return errors.database_busy({ cause: thrown, details: retrySoon })
  if (unavailable.has(code)) return errors.database_unavailable({ cause: thrown, details: retrySoon })
  return thrown
}
