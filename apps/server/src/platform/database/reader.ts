import type { Kysely, Transaction as KyselyTransaction } from 'kysely'
import type { Schema } from './schema.ts'

/** The open database. Reads see what is committed; a write on its own is a transaction of one statement. */
export type Database = Kysely<Schema>
/** A transaction of `inTransaction`. Everything that belongs together is written through it. */
export type Transaction = KyselyTransaction<Schema>
/** What store functions take first: they read and write alike through either. */
export type Reader = Database | Transaction
