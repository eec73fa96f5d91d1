import { type Kysely, sql } from 'kysely'
import { errors } from './errors.ts'
import { columnTypes, type Migration, type MigrationTransaction } from './migration.ts'
import { type DatabaseLog, dialectOf } from './open.ts'
import { inTransaction } from './transaction.ts'

/** Which migrations stand in the database, as this release sees it. */
export type MigrationStatus = {
  readonly applied: readonly string[]
  readonly pending: readonly string[]
  /** Applied by a newer release. Migrations only expand, so that this one still runs. */
  readonly unknown: readonly string[]
}

export type MigrateOptions = { readonly log?: DatabaseLog; readonly now?: () => number }

/** Any number that no other program is likely to lock; it keeps two processes from migrating at once. */
const lockNumber = 5_712_340_981

/**
 * Applies what is pending, each migration in a transaction of its own.
 *
 * Two processes may start at once: each migration is applied by one of them. One that fails half-way leaves the schema
 * as it was before it, with those before it applied.
 *
 * @throws {LatchkeyError} `migration_failed`, with the migration's name in `details`
 */
export async function migrate<Tables>(
  db: Kysely<Tables>,
  migrations: readonly Migration[],
  { log, now = Date.now }: MigrateOptions = {},
): Promise<{ applied: string[]; unknown: readonly string[] }> {
  const { pending, unknown } = await migrationStatus(db, migrations)
  if (unknown.length > 0) log?.warn({ migrations: unknown }, 'the database was migrated by a newer release')
  const applied: string[] = []
  for (const migration of migrations.filter(({ name }) => pending.includes(name))) {
    if (await apply(db, migration, now())) applied.push(migration.name)
  }
  return { applied, unknown }
}

/** Says what is applied and what is not, and changes nothing. */
export async function migrationStatus<Tables>(
  db: Kysely<Tables>,
  migrations: readonly Migration[],
): Promise<MigrationStatus> {
  const names = migrations.map(({ name }) => name)
  const found = new Set(await namesApplied(db))
  return {
    applied: names.filter((name) => found.has(name)),
    pending: names.filter((name) => !found.has(name)),
    unknown: [...found].filter((name) => !names.includes(name)),
  }
}

async function namesApplied<Tables>(db: Kysely<Tables>): Promise<string[]> {
  const table =
    dialectOf(db) === 'sqlite'
      ? sql<{ name: string }>`SELECT name FROM sqlite_schema WHERE type = 'table' AND name = 'migration'`
      : sql<{ name: string }>`SELECT 'migration' AS name WHERE to_regclass('migration') IS NOT NULL`
  if ((await table.execute(db)).rows.length === 0) return []
  const { rows } = await sql<{ name: string }>`SELECT name FROM migration ORDER BY name`.execute(db)
  return rows.map(({ name }) => name)
}

/** Applies one migration, unless another process was first. */
async function apply<Tables>(db: Kysely<Tables>, migration: Migration, at: number): Promise<boolean> {
  const types = columnTypes(dialectOf(db))
  try {
    // A large table may take its time; nobody is served by giving up half-way.
    return await inTransaction(
      db,
      async (tx) => {
        await lock(tx)
        await sql
          .raw(
            `CREATE TABLE IF NOT EXISTS migration (name ${types.text} PRIMARY KEY, applied_at ${types.time} NOT NULL)`,
          )
          .execute(tx)
        const { rows } = await sql`SELECT name FROM migration WHERE name = ${migration.name}`.execute(tx)
        if (rows.length > 0) return false
        await migration.up(untyped(tx), types)
        await sql`INSERT INTO migration (name, applied_at) VALUES (${migration.name}, ${at})`.execute(tx)
        return true
      },
      { deadline: Number.POSITIVE_INFINITY },
    )
  } catch (cause) {
    throw errors.migration_failed({ cause, details: { migration: migration.name } })
  }
}

/** A migration stands between two schemas, so that the types of neither hold in it. */
function untyped<Tables>(tx: Kysely<Tables>): MigrationTransaction {
  return tx as Kysely<unknown>
}

/** SQLite's transaction holds the write lock from its beginning; PostgreSQL's does not, and has time limits. */
async function lock<Tables>(tx: Kysely<Tables>): Promise<void> {
  if (dialectOf(tx) === 'sqlite') return
  await sql`SET LOCAL statement_timeout = 0`.execute(tx)
  await sql`SET LOCAL idle_in_transaction_session_timeout = 0`.execute(tx)
  await sql`SELECT pg_advisory_xact_lock(${lockNumber})`.execute(tx)
}
