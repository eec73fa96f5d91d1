import { readConfig } from '../config.ts'
import {
  migrate as applyMigrations,
  closeDatabase,
  migrations,
  openDatabase,
  parseDatabaseUrl,
} from '../platform/database/index.ts'
import { defineVerb } from './verb.ts'

/** `start` migrates too; this is for those who want it done before, by another user or at another time. */
export const migrate = defineVerb({
  name: 'migrate',
  description: 'Bring the database up to date. The server of the release before keeps running on it.',
  async run() {
    const db = await openDatabase(parseDatabaseUrl(readConfig(undefined).database))
    try {
      const { applied, unknown } = await applyMigrations(db, migrations)
      for (const name of applied) process.stdout.write(`applied ${name}\n`)
      if (applied.length === 0) process.stdout.write('The database is up to date.\n')
      if (unknown.length > 0) process.stdout.write(`A newer release applied: ${unknown.join(', ')}\n`)
    } finally {
      await closeDatabase(db)
    }
  },
})
