/**
 * Fresh databases for tests, on both engines.
 *
 * SQLite's is a file of its own. PostgreSQL's is copied from a template that is migrated once and shared by all test
 * processes; the server is named by `LATCHKEY_TEST_POSTGRES`, the URL of a superuser. Where there is no server, say so
 * with `LATCHKEY_TEST_WITHOUT_POSTGRES=1`: its tests are then reported as skipped, never passed over in silence.
 */
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeEach, describe } from 'vitest'
import { closeDatabase, type Database, type DatabaseAddress, migrate, migrations, openDatabase } from './index.ts'
import type { DialectName, Migration } from './migration.ts'
import type { DatabaseOptions } from './open.ts'

export type TestOptions = DatabaseOptions & { readonly migrations?: readonly Migration[] }

export type TestDatabase = {
  readonly name: DialectName
  /** False where PostgreSQL was said to be absent. */
  readonly isAvailable: boolean
  /** A migrated database of the caller's own, closed and removed after the test (or, opened in `beforeAll`, after all). */
  open(options?: TestOptions): Promise<Database>
  /** Where such a database is, for tests that open it themselves, more than once, or from another process. */
  create(migrations?: readonly Migration[]): Promise<DatabaseAddress>
}

/** Both engines, for `describe.each` and loops. */
export const databases: readonly TestDatabase[] = [testDatabase('sqlite'), testDatabase('postgres')]

/**
 * Declares the same tests on both engines.
 *
 * @example
 * describeEachDatabase('credentials', (open) => {
 *   test('are found by their id', async () => {
 *     const db = await open()
 *   })
 * })
 */
export function describeEachDatabase(
  title: string,
  tests: (open: TestDatabase['open'], database: TestDatabase) => void,
): void {
  for (const database of databases) {
    const declare = database.isAvailable ? describe : describe.skip
    declare(`${title} (${database.name})`, () => tests(database.open, database))
  }
}

type CleanUp = () => Promise<void>
const afterTest: CleanUp[] = []
const afterFile: CleanUp[] = []

/** What a test opens goes with the test; what `beforeAll` opens serves the tests after it. */
function later(cleanUp: CleanUp): void {
  const list = isInTest ? afterTest : afterFile
  list.push(cleanUp)
}

async function cleanUp(list: CleanUp[]): Promise<void> {
  // Databases are closed before what they stand on is removed.
  for (const clean of list.splice(0).reverse()) await clean()
}
let isInTest = false
beforeEach(() => {
  isInTest = true
})
afterEach(async () => {
  isInTest = false
  await cleanUp(afterTest)
})
afterAll(async () => {
  await cleanUp(afterTest)
  await cleanUp(afterFile)
  await endAdministration()
})

function testDatabase(name: DialectName): TestDatabase {
  const create = name === 'sqlite' ? createSqlite : createPostgres
  return {
    name,
    isAvailable: name === 'sqlite' || process.env.LATCHKEY_TEST_WITHOUT_POSTGRES !== '1',
    create: (list = migrations) => create(list),
    async open({ migrations: list = migrations, ...options } = {}) {
      const db = await openDatabase(await create(list), options)
      later(() => closeDatabase(db))
      return db
    },
  }
}

async function createSqlite(list: readonly Migration[]): Promise<DatabaseAddress> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-test-'))
  later(async () => rmSync(folder, { recursive: true, force: true }))
  const address = { sqlite: join(folder, 'latchkey.db') }
  await migrateAndClose(address, list)
  return address
}

async function createPostgres(list: readonly Migration[]): Promise<DatabaseAddress> {
  const template = await templateFor(list)
  const name = `latchkey_test_${randomBytes(8).toString('hex')}`
  await copyDatabase(name, template)
  later(async () => {
    await (await administer()).query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  })
  return { postgres: urlOf(name), poolSize: 10 }
}

/** PostgreSQL refuses to copy a database while somebody is connected to it, which a vacuum may be for a moment. */
async function copyDatabase(name: string, template: string): Promise<void> {
  const client = await administer()
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`)
      return
    } catch (thrown) {
      const isInUse = thrown instanceof pg.DatabaseError && thrown.code === '55006'
      if (!isInUse || attempt === 20) throw thrown
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

const templates = new Map<string, Promise<string>>()

/** Migrates a template once for all test processes. Its name says what is in it, so that a stale one is never taken. */
function templateFor(list: readonly Migration[]): Promise<string> {
  const name = `latchkey_template_${fingerprint(list)}`
  const known = templates.get(name) ?? makeTemplate(name, list)
  templates.set(name, known)
  return known
}

async function makeTemplate(name: string, list: readonly Migration[]): Promise<string> {
  const client = await administer()
  // One process makes it, and the others find it.
  await client.query('SELECT pg_advisory_lock(hashtext($1))', [name])
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name])
    if (rowCount) return name
    const unfinished = `${name}_new`
    await client.query(`DROP DATABASE IF EXISTS ${unfinished} WITH (FORCE)`)
    await client.query(`CREATE DATABASE ${unfinished} TEMPLATE template0`)
    await migrateAndClose({ postgres: urlOf(unfinished), poolSize: 1 }, list)
    await client.query(`ALTER DATABASE ${unfinished} RENAME TO ${name}`)
    return name
  } finally {
    await client.query('SELECT pg_advisory_unlock(hashtext($1))', [name])
  }
}

async function migrateAndClose(address: DatabaseAddress, list: readonly Migration[]): Promise<void> {
  const db = await openDatabase(address)
  try {
    await migrate(db, list)
  } finally {
    await closeDatabase(db)
  }
}

function fingerprint(list: readonly Migration[]): string {
  const hash = createHash('sha256')
  for (const { name, up } of list) hash.update(`${name}\n${up}\n`)
  if (list === migrations) {
    const folder = join(import.meta.dirname, 'migrations')
    for (const file of readdirSync(folder).sort()) hash.update(readFileSync(join(folder, file)))
  }
  return hash.digest('hex').slice(0, 16)
}

function serverUrl(): URL {
  const url = process.env.LATCHKEY_TEST_POSTGRES
  if (url) return new URL(url)
  throw new Error(
    'LATCHKEY_TEST_POSTGRES is not set. Run the tests by npm test, or start a server with `node tools/test/postgres.ts` ' +
      'and set the variable to the URL it prints. LATCHKEY_TEST_WITHOUT_POSTGRES=1 skips these tests.',
  )
}

function urlOf(database: string): string {
  const url = serverUrl()
  url.pathname = `/${database}`
  return url.href
}

let administrator: Promise<pg.Client> | undefined

/** The superuser's connection of this test process, kept for the whole file. */
function administer(): Promise<pg.Client> {
  administrator ??= (async () => {
    const client = new pg.Client({ connectionString: serverUrl().href })
    await client.connect()
    return client
  })()
  return administrator
}

async function endAdministration(): Promise<void> {
  const client = await administrator?.catch(() => undefined)
  administrator = undefined
  await client?.end()
}
