import { type Clock, systemClock } from '../platform/clock.ts'
import type { Database } from '../platform/database/index.ts'
import type { Ground } from '../platform/ground.ts'
import { openLog } from '../platform/log.ts'
import { openVault } from '../platform/vault.ts'

/** The platform as the house has it, on a database of the test's own. */
export function groundOn(db: Database, now: Clock = systemClock): Ground {
  return { db, now, log: openLog({ level: 'silent' }), vault: openVault(['a secret key for tests, 32 long.']) }
}
