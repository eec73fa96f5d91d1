/**
 * The database: one Kysely over SQLite (the default) and PostgreSQL, behaving alike.
 *
 * Owns: connections, transactions (shared commits on SQLite, repeated ones on PostgreSQL), how values are stored and
 * read back, the schema's types and its migrations, and which failures are worth another attempt.
 * Does not own: any record's SQL (`records/<record>/store.ts`).
 */
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
export type { Database, Reader, Transaction } from './reader.ts'
export type { Schema } from './schema.ts'
export { inTransaction, type TransactionOptions } from './transaction.ts'
export { json } from './values.ts'
