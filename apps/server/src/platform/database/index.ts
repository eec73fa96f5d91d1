/**
 * The database: one Kysely over SQLite (the default) and PostgreSQL, behaving alike.
 *
 * Owns: connections, transactions (shared commits on SQLite, repeated ones on PostgreSQL), how values are stored and
 * read back, the schema's types and its migrations, and which failures are worth another attempt.
 * Does not own: any record's SQL (`records/<record>/store.ts`).
 */
import type { Kysely, Transaction as KyselyTransaction } from 'kysely'
import type { Schema } from './schema.ts'

/** The open database. Reads see what is committed; a write on its own is a transaction of one statement. */
export type Database = Kysely<Schema>
/** A transaction of `inTransaction`. Everything that belongs together is written through it. */
export type Transaction = KyselyTransaction<Schema>
/** What store functions take first: they read and write alike through either. */
export type Reader = Database | Transaction

export { errors as databaseErrors, isForeignKeyViolation, isRetryable, isUniqueViolation } from './errors.ts'
export type { DatabaseStatistics } from './link.ts'
export { type MigrateOptions, type MigrationStatus, migrate, migrationStatus } from './migrate.ts'
export { type ColumnTypes, columnTypes, type DialectName, type Migration } from './migration.ts'
export { migrations } from './migrations/index.ts'
export {
  closeDatabase,
  type DatabaseAddress,
  type DatabaseLog,
  type DatabaseOptions,
  dialectOf,
  openDatabase,
  parseDatabaseUrl,
  pingDatabase,
  statisticsOf,
} from './open.ts'
export { prepare } from './prepare.ts'
export type { Schema } from './schema.ts'
export { inTransaction, type TransactionOptions } from './transaction.ts'
export { json } from './values.ts'
