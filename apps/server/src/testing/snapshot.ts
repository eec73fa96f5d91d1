import { sql } from 'kysely'
import type { Database } from '../platform/database/index.ts'

/**
 * Everything that is kept, by table, for the assertion that a refusal changed nothing.
 *
 * Left out unless asked for: what a refusal may write, which is its event and the count of the attempt.
 */
export async function snapshot(
  db: Database,
  without: readonly string[] = ['event', 'event_sequence', 'attempt_limit'],
): Promise<Record<string, string[]>> {
  const tables = await db.introspection.getTables()
  const names = tables.map(({ name }) => name).filter((name) => !without.includes(name))
  const kept = names.toSorted().map(async (name) => {
    const { rows } = await sql`SELECT * FROM ${sql.table(name)}`.execute(db)
    return [name, rows.map((row) => JSON.stringify(row)).toSorted()] as const
  })
  return Object.fromEntries(await Promise.all(kept))
}
