import pino from 'pino'
import type { Config } from '../config.ts'
import { systemClock } from '../platform/clock.ts'
import { closeDatabase, migrate, migrations, openDatabase, parseDatabaseUrl } from '../platform/database/index.ts'
import type { Ground } from '../platform/ground.ts'
import { type Log, openLog } from '../platform/log.ts'
import { openVault } from '../platform/vault.ts'

/** Opens the log where nobody reads it as output: on standard error, written before the process can end. */
export function openErrorLog(level: Config['logLevel']): Log {
  return openLog({ level, destination: pino.destination({ dest: 2, sync: true }) })
}

/** Opens what a command needs that works beside a server, does its work, and closes it whatever happens. */
export async function withGround<T>(config: Config, work: (ground: Ground) => Promise<T>): Promise<T> {
  const log = openErrorLog(config.logLevel === 'info' ? 'warn' : config.logLevel)
  const db = await openDatabase(parseDatabaseUrl(config.database), { log })
  try {
    await migrate(db, migrations, { log })
    return await work({ db, now: systemClock, log, vault: openVault(config.secretKeys) })
  } finally {
    await closeDatabase(db)
  }
}
