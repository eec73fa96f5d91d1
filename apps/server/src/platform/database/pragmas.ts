import { type Kysely, sql } from 'kysely'

export type Pragmas = { readonly journalMode: string; readonly synchronous: string; readonly foreignKeys: boolean }

const synchronousNames = ['OFF', 'NORMAL', 'FULL', 'EXTRA']

/** Reads how the SQLite database keeps what is committed, on the connection that writes. */
export async function readPragmas<Tables>(db: Kysely<Tables>): Promise<Pragmas> {
  return await db.transaction().execute(async (tx) => {
    const journal = await sql<{ journal_mode: string }>`PRAGMA journal_mode`.execute(tx)
    const synchronous = await sql<{ synchronous: number }>`PRAGMA synchronous`.execute(tx)
    const foreignKeys = await sql<{ foreign_keys: number }>`PRAGMA foreign_keys`.execute(tx)
    return {
      journalMode: journal.rows[0]?.journal_mode ?? 'unknown',
      synchronous: synchronousNames[synchronous.rows[0]?.synchronous ?? -1] ?? 'unknown',
      foreignKeys: foreignKeys.rows[0]?.foreign_keys === 1,
    }
  })
}
