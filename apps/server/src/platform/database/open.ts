import {
  DefaultQueryExecutor,
  type Dialect,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely'
import { errors, retrySoon } from './errors.ts'
import { groundOf, standOn } from './ground.ts'
import type { DatabaseStatistics, Links } from './link.ts'
import type { DialectName } from './migration.ts'
import { openPostgres } from './postgres-links.ts'
import type { Schema } from './schema.ts'
import { scopedConnections } from './scope.ts'
import { openSqlite } from './sqlite-links.ts'

/** Where a database is: a file, or a server. */
export type DatabaseAddress = { readonly sqlite: string } | { readonly postgres: string; readonly poolSize?: number }

/** The part of a logger that is used here; pino's fits. */
export type DatabaseLog = { warn(details: object, message: string): void }

export type DatabaseOptions = {
  readonly log?: DatabaseLog
  readonly random?: () => number
  /** Milliseconds that a transaction may take before it is undone and refused. */
  readonly deadline?: number
  /** Milliseconds that somebody waits for the writer (SQLite) or a connection (PostgreSQL) before being refused. */
  readonly patience?: number
  /** Transactions that share a commit at most, on SQLite. */
  readonly groupSize?: number
}

const standard = { deadline: 10_000, patience: 10_000, groupSize: 64, poolSize: 10 } as const

/**
 * Opens the database and proves that it answers.
 *
 * SQLite's file and folder are made when missing, for this user only. PostgreSQL's database must exist and be UTF-8.
 */
export async function openDatabase<Tables = Schema>(
  address: DatabaseAddress,
  options: DatabaseOptions = {},
): Promise<Kysely<Tables>> {
  const { deadline, patience, groupSize } = { ...standard, ...options }
  const random = options.random ?? Math.random
  if ('sqlite' in address) {
    const links = openSqlite(address.sqlite, { groupSize, patience, random })
    return build<Tables>('sqlite', links, deadline, random)
  }
  const links = await openPostgres(address.postgres, {
    poolSize: address.poolSize ?? standard.poolSize,
    statementTimeout: deadline,
    // After our own deadline, which answers the caller: this one frees the locks of a process that is no more.
    idleTimeout: deadline + 5_000,
    patience,
    onConnectionLost: (reason) => options.log?.warn({ err: reason }, 'a connection to PostgreSQL was lost'),
  })
  const db = build<Tables>('postgres', links, deadline, random)
  try {
    await requireUtf8(db)
  } catch (thrown) {
    await db.destroy()
    throw thrown
  }
  return db
}

/** Closes the database once the transactions that are under way have been answered. */
export async function closeDatabase<Tables>(db: Kysely<Tables>): Promise<void> {
  await db.destroy()
}

/** Which database this is, for the rare statement that has no common form. */
export function dialectOf<Tables>(db: Kysely<Tables>): DialectName {
  return groundOf(db).dialect
}

/** What the database has done since it was opened: for metrics, and to prove that commits are shared. */
export function statisticsOf<Tables>(db: Kysely<Tables>): DatabaseStatistics {
  return groundOf(db).links.statistics()
}

/** Asks the database for a sign of life, for the readiness check. Throws a retryable error when there is none. */
export async function pingDatabase<Tables>(db: Kysely<Tables>, patience = 2_000): Promise<void> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(errors.database_unavailable({ details: retrySoon })), patience)
  try {
    await Promise.race([sql`SELECT 1`.execute(db), late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Reads the setting that says where the database is: a path, or `postgres://…`.
 *
 * @throws {LatchkeyError} `database_setting_invalid`
 */
export function parseDatabaseUrl(setting: string): DatabaseAddress {
  if (/^postgres(ql)?:\/\//.test(setting) && URL.canParse(setting)) return { postgres: setting }
  if (setting === '' || setting === ':memory:' || /^[a-z][a-z0-9+.-]+:/i.test(setting)) {
    throw errors.database_setting_invalid({
      message: 'The database must be the path of a file, or a URL that begins with postgres://.',
    })
  }
  return { sqlite: setting }
}

function build<Tables>(dialectName: DialectName, links: Links, deadline: number, random: () => number): Kysely<Tables> {
  const { provider, driver } = scopedConnections(links, deadline)
  const dialect: Dialect = { ...dialects[dialectName], createDriver: () => driver }
  const executor = new DefaultQueryExecutor(dialect.createQueryCompiler(), dialect.createAdapter(), provider, [])
  const db = new Kysely<Tables>({ config: { dialect }, dialect, driver, executor })
  standOn(db, { dialect: dialectName, links, random })
  return db
}

const dialects: Record<DialectName, Omit<Dialect, 'createDriver'>> = {
  sqlite: {
    createAdapter: createSqliteAdapter,
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  },
  postgres: {
    createAdapter: () => new PostgresAdapter(),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createIntrospector: (db) => new PostgresIntrospector(db),
  },
}

/** SQLite undoes a change of the schema like any other, although Kysely's adapter denies it; and we have two connections. */
function createSqliteAdapter(): SqliteAdapter {
  return Object.defineProperties(new SqliteAdapter(), {
    supportsTransactionalDdl: { value: true },
    supportsMultipleConnections: { value: true },
  })
}

async function requireUtf8<Tables>(db: Kysely<Tables>): Promise<void> {
  const { rows } = await sql<{ encoding: string }>`SELECT current_setting('server_encoding') AS encoding`.execute(db)
  if (rows[0]?.encoding === 'UTF8') return
  throw errors.database_setting_invalid({ message: 'The PostgreSQL database must have the encoding UTF8.' })
}
