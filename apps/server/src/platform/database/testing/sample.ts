/** Tables of the database room's own tests, so that they do not depend on what the records keep. */
import type { Kysely } from 'kysely'
import type { Database } from '../index.ts'
import { type Migration, runStatements } from '../migration.ts'

export type SampleTables = {
  sample: {
    id: string
    text: string | null
    is_on: boolean | null
    doc: unknown
    bytes: Uint8Array | null
    at: number | null
    count: number | null
  }
  /** Halves come in pairs, or not at all. */
  half: { pair: number; side: string }
}

export const sampleMigrations: readonly Migration[] = [
  {
    name: '0001-sample',
    up: (tx, { text, bool, json, bytes, time, int }) =>
      runStatements(tx, [
        `CREATE TABLE sample (
          id ${text} NOT NULL PRIMARY KEY,
          text ${text},
          is_on ${bool},
          doc ${json},
          bytes ${bytes},
          at ${time},
          count ${int})`,
        `CREATE TABLE half (pair ${int} NOT NULL, side ${text} NOT NULL, PRIMARY KEY (pair, side))`,
      ]),
  },
]

export type SampleDatabase = Kysely<Database extends Kysely<infer Tables> ? Tables & SampleTables : never>

/** The same database, with the sample tables known to the compiler. */
export function withSamples(db: Database): SampleDatabase {
  return db.withTables<SampleTables>()
}

/** A sample row with nothing in it but what is given. */
export function sample(id: string, values: Partial<SampleTables['sample']> = {}): SampleTables['sample'] {
  return { id, text: null, is_on: null, doc: null, bytes: null, at: null, count: null, ...values }
}
