import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { findPostgres, startPostgres } from '../../../../../tools/test/postgres.ts'
import { closeDatabase, type Database, inTransaction, isRetryable, openDatabase, statisticsOf } from './index.ts'
import { sample, sampleMigrations, withSamples } from './testing/sample.ts'
import { databases, type TestOptions } from './testing.ts'

const [, postgres] = databases
if (postgres?.name !== 'postgres') throw new Error('PostgreSQL comes second')

const openSamples = async (options: TestOptions = {}) =>
  withSamples(await postgres.open({ migrations: sampleMigrations, ...options }))

async function createUrl(): Promise<string> {
  const address = await postgres?.create(sampleMigrations)
  if (!address || !('postgres' in address)) throw new Error('not a server')
  return address.postgres
}

/** Holds everyone until `size` have come; afterwards nobody is held. */
function meeting(size: number) {
  const met = Promise.withResolvers<void>()
  let here = 0
  return () => {
    here += 1
    if (here === size) met.resolve()
    return met.promise
  }
}

const terminateAll = (db: Database) =>
  sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`.execute(db)

const declare = postgres.isAvailable ? describe : describe.skip

declare('Conflicts on PostgreSQL', () => {
  test('run a serializable transaction again (40001), so that no decision rests on stale reads', async () => {
    const db = await openSamples()
    const meet = meeting(2)
    let runs = 0
    const insertIfEmpty = (id: string) =>
      inTransaction(
        db,
        async (tx) => {
          runs += 1
          const found = await tx.selectFrom('sample').select('id').execute()
          if (runs <= 2) await meet()
          if (found.length === 0) await tx.insertInto('sample').values(sample(id)).execute()
          return found.length === 0
        },
        { isolation: 'serializable' },
      )
    const inserted = await Promise.all([insertIfEmpty('a'), insertIfEmpty('b')])
    expect(inserted.filter(Boolean)).toHaveLength(1)
    // The victim may be one again before the other has committed.
    expect(runs).toBeGreaterThanOrEqual(3)
    expect(await db.selectFrom('sample').select('id').execute()).toHaveLength(1)
  })

  test('run the victim of a deadlock again (40P01)', async () => {
    const db = await openSamples()
    await db
      .insertInto('sample')
      .values([sample('a', { count: 0 }), sample('b', { count: 0 })])
      .execute()
    const meet = meeting(2)
    let runs = 0
    const addTo = (first: string, second: string) =>
      inTransaction(db, async (tx) => {
        runs += 1
        const add = (id: string) =>
          tx
            .updateTable('sample')
            .set((eb) => ({ count: eb('count', '+', 1) }))
            .where('id', '=', id)
            .execute()
        await add(first)
        if (runs <= 2) await meet()
        await add(second)
      })
    await Promise.all([addTo('a', 'b'), addTo('b', 'a')])
    // The victim may be one again before the other has committed.
    expect(runs).toBeGreaterThanOrEqual(3)
    expect(await db.selectFrom('sample').select('count').execute()).toEqual([{ count: 2 }, { count: 2 }])
  })

  test('that do not end are refused as retryable after six attempts (database_conflict)', async () => {
    const db = await openSamples()
    let runs = 0
    const refusal = await inTransaction(db, async (tx) => {
      runs += 1
      await sql`DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$`.execute(tx)
    }).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'database_conflict', status: 503, details: { retryAfter: 1 } })
    expect(runs).toBe(6)
    expect(statisticsOf(db).waiting).toBe(0)
  })
})

declare('A lost connection to PostgreSQL', () => {
  test('refuses the transaction it carried as retryable, and the next one works', async () => {
    const db = await openSamples()
    const refusal = await inTransaction(db, async (tx) => {
      await tx.insertInto('sample').values(sample('a')).execute()
      await sql`SELECT pg_terminate_backend(pg_backend_pid())`.execute(tx)
    }).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'database_unavailable', status: 503, details: { retryAfter: 1 } })
    expect(isRetryable(refusal)).toBe(true)
    expect(await db.selectFrom('sample').select('id').execute()).toEqual([])
  })

  test('while nobody used it is logged and replaced', async () => {
    const url = await createUrl()
    const lost = Promise.withResolvers<void>()
    const db = await openDatabase({ postgres: url }, { log: { warn: () => lost.resolve() } })
    const other = await openDatabase({ postgres: url })
    await terminateAll(other)
    await lost.promise
    const { rows } = await sql`SELECT 1 AS one`.execute(db)
    expect(rows).toEqual([{ one: 1 }])
    await Promise.all([closeDatabase(db), closeDatabase(other)])
  })

  test('between two statements of a transaction refuses the second', async () => {
    const url = await createUrl()
    const [db, other] = [withSamples(await openDatabase({ postgres: url })), await openDatabase({ postgres: url })]
    const work = inTransaction(db, async (tx) => {
      await tx.insertInto('sample').values(sample('a')).execute()
      await terminateAll(other)
      await tx.insertInto('sample').values(sample('b')).execute()
    })
    await expect(work).rejects.toMatchObject({ code: 'database_unavailable' })
    expect(await db.selectFrom('sample').select('id').execute()).toEqual([])
    await Promise.all([closeDatabase(db), closeDatabase(other)])
  })

  test('at opening says that the database cannot be reached', async () => {
    const work = openDatabase({ postgres: 'postgres://postgres@127.0.0.1:1/postgres' })
    await expect(work).rejects.toMatchObject({ code: 'database_unavailable' })
  })
})

declare('A crowded PostgreSQL', () => {
  test('refuses who has waited too long for a connection (database_busy)', async () => {
    const url = await createUrl()
    const db = withSamples(await openDatabase({ postgres: url, poolSize: 1 }, { patience: 100 }))
    const held = Promise.withResolvers<void>()
    const holder = inTransaction(db, () => held.promise)
    const refusal = await db
      .insertInto('sample')
      .values(sample('a'))
      .execute()
      .catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'database_busy', details: { retryAfter: 1 } })
    held.resolve()
    await holder
    await closeDatabase(db)
  })

  test('gives a statement up at the deadline (database_busy)', async () => {
    const db = await openSamples({ deadline: 200 })
    await expect(sql`SELECT pg_sleep(10)`.execute(db)).rejects.toMatchObject({ code: 'database_busy' })
  })

  test('keeps often used statements prepared, and not those seen once', async () => {
    const url = await createUrl()
    const db = withSamples(await openDatabase({ postgres: url, poolSize: 1 }))
    for (const id of ['a', 'b', 'c']) await db.selectFrom('sample').select('count').where('id', '=', id).execute()
    await sql`SELECT 'seen once'`.execute(db)
    const { rows } = await sql<{ statement: string }>`SELECT statement FROM pg_prepared_statements`.execute(db)
    expect(rows).toEqual([{ statement: 'select "count" from "sample" where "id" = $1' }])
    await closeDatabase(db)
  })

  test('prepares anew, inside a transaction too, after a migration has widened a table', async () => {
    const db = await openSamples()
    await db.insertInto('sample').values(sample('a')).execute()
    const read = () => inTransaction(db, (tx) => tx.selectFrom('sample').selectAll().execute())
    for (let times = 0; times < 3; times += 1) await read()
    await sql`ALTER TABLE sample ADD COLUMN added text`.execute(db)
    expect(await read()).toEqual([{ ...sample('a'), added: null }])
  })

  test('must be UTF-8 (database_setting_invalid)', async () => {
    const db = await openSamples()
    const name = `latchkey_test_ascii_${process.pid}`
    await sql.raw(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'`).execute(db)
    const url = new URL(await createUrl())
    url.pathname = `/${name}`
    const refusal = await openDatabase({ postgres: url.href }).catch((error: unknown) => error)
    await sql.raw(`DROP DATABASE ${name}`).execute(db)
    expect(refusal).toMatchObject({ code: 'database_setting_invalid', message: expect.stringContaining('UTF8') })
  })
})

const declareRestart = postgres.isAvailable && findPostgres() ? describe : describe.skip

declareRestart('A PostgreSQL that is killed and comes back', () => {
  test('is survived: what was under way is refused as retryable, what comes after works', {
    timeout: 60_000,
  }, async () => {
    const server = await startPostgres()
    try {
      const db = await openDatabase({ postgres: server.url })
      await sql`CREATE TABLE kept (id int)`.execute(db)
      await sql`INSERT INTO kept VALUES (1)`.execute(db)
      const underWay = sql`SELECT pg_sleep(30)`.execute(db).catch((error: unknown) => error)
      const inside = inTransaction(db, async (tx) => {
        await sql`INSERT INTO kept VALUES (2)`.execute(tx)
        await sql`SELECT pg_sleep(30)`.execute(tx)
      }).catch((error: unknown) => error)
      const asleep = sql<{ n: number }>`SELECT count(*) AS n FROM pg_stat_activity WHERE wait_event = 'PgSleep'`
      while ((await asleep.execute(db)).rows[0]?.n !== 2) await sql`SELECT pg_sleep(0.01)`.execute(db)
      await server.crashAndRestart()
      expect([await underWay, await inside].map(isRetryable)).toEqual([true, true])
      expect((await sql`SELECT id FROM kept`.execute(db)).rows).toEqual([{ id: 1 }])
      await closeDatabase(db)
    } finally {
      await server.stop()
    }
  })
})
