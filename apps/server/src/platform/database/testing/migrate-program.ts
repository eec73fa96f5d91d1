/** Run as a process of its own by `migrate.test.ts`: applies what is pending and says what it applied. */
import { closeDatabase, migrate, migrations, openDatabase } from '../index.ts'

const db = await openDatabase(JSON.parse(process.argv[2] ?? ''))
process.send?.((await migrate(db, migrations)).applied)
await closeDatabase(db)
process.disconnect?.()
