import type { Kysely } from 'kysely'
import type { Links } from './link.ts'
import type { DialectName } from './migration.ts'

/** What stands behind an open database. */
export type OpenGround = {
  readonly dialect: DialectName
  readonly links: Links
  readonly random: () => number
}

// By adapter, because transactions and `withTables` are Kysely instances of their own that share it.
const grounds = new WeakMap<object, OpenGround>()

export function standOn<Tables>(db: Kysely<Tables>, ground: OpenGround): void {
  grounds.set(db.getExecutor().adapter, ground)
}

export function groundOf<Tables>(db: Kysely<Tables>): OpenGround {
  const ground = grounds.get(db.getExecutor().adapter)
  if (!ground) throw new TypeError('this database was not opened by openDatabase')
  return ground
}

export function randomOf<Tables>(db: Kysely<Tables>): () => number {
  return groundOf(db).random
}
