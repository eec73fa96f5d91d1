import type { Clock } from './clock.ts'
import type { Database } from './database/index.ts'
import type { Log } from './log.ts'
import type { Vault } from './vault.ts'

/** What any room may need of the platform; built once in `app.ts` and handed down. */
export type Ground = {
  db: Database
  now: Clock
  log: Log
  vault: Vault
}
