import { type Kysely, sql } from 'kysely'

export type DialectName = 'sqlite' | 'postgres'

/** The words for a column's type. On SQLite the declared word also says how a value is read back. */
export type ColumnTypes = {
  readonly dialect: DialectName
  /** Compared and sorted byte by byte on both databases. */
  readonly text: string
  readonly bytes: string
  readonly json: string
  readonly bool: string
  /** Integer milliseconds since the Unix epoch. */
  readonly time: string
  /** A 64-bit integer; read back as a number, so within ±2^53. */
  readonly int: string
}

/** What a migration may use: a transaction of its own that knows no tables. */
export type MigrationTransaction = Kysely<unknown>

/** One change of the schema. It only expands: the previous release must run on what it leaves. */
export type Migration = {
  /** Unique and never changed, since it says what was applied: `0007-device-grants`. */
  readonly name: string
  readonly up: (tx: MigrationTransaction, types: ColumnTypes) => Promise<void>
}

const types: Record<DialectName, ColumnTypes> = {
  sqlite: {
    dialect: 'sqlite',
    text: 'TEXT',
    bytes: 'BLOB',
    json: 'JSON',
    bool: 'BOOLEAN',
    time: 'BIGINT',
    int: 'BIGINT',
  },
  postgres: {
    dialect: 'postgres',
    text: 'text COLLATE "C"',
    bytes: 'bytea',
    json: 'jsonb',
    bool: 'boolean',
    time: 'bigint',
    int: 'bigint',
  },
}

/** The words for column types in this dialect, for migrations that run on both. */
export function columnTypes(dialect: DialectName): ColumnTypes {
  return types[dialect]
}

/** Runs statements one after another. They are text of ours, never of a request. */
export async function runStatements(tx: MigrationTransaction, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(tx)
}
