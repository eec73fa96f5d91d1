import { fork } from 'node:child_process'
import { once } from 'node:events'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import {
  closeDatabase,
  columnTypes,
  dialectOf,
  inTransaction,
  type Migration,
  migrate,
  migrationStatus,
  migrations,
  openDatabase,
} from './index.ts'
import { runStatements } from './migration.ts'
import { sample, sampleMigrations, withSamples } from './testing/sample.ts'
import { describeEachDatabase } from './testing.ts'

const widening: Migration = {
  name: '0002-nickname',
  up: (tx, { text }) => runStatements(tx, [`ALTER TABLE sample ADD COLUMN nickname ${text}`]),
}

const breaking: Migration = {
  name: '0002-breaks',
  up: async (tx, { text, int }) => {
    await runStatements(tx, [
      `ALTER TABLE sample ADD COLUMN nickname ${text}`,
      `CREATE TABLE other (n ${int} NOT NULL)`,
      `UPDATE sample SET count = 99`,
      `INSERT INTO no_such_table VALUES (1)`,
    ])
  },
}

describeEachDatabase('Migrations', (open, { create }) => {
  test('are applied once, in order', async () => {
    const db = await open({ migrations: [] })
    expect(await migrationStatus(db, sampleMigrations)).toEqual({ applied: [], pending: ['0001-sample'], unknown: [] })
    const all = [...sampleMigrations, widening]
    expect(await migrate(db, all, { now: () => 7 })).toEqual({ applied: ['0001-sample', '0002-nickname'], unknown: [] })
    expect(await migrate(db, all)).toEqual({ applied: [], unknown: [] })
    expect(await migrationStatus(db, all)).toEqual({
      applied: ['0001-sample', '0002-nickname'],
      pending: [],
      unknown: [],
    })
    expect(await db.selectFrom('migration').selectAll().orderBy('name').execute()).toEqual([
      { name: '0001-sample', applied_at: 7 },
      { name: '0002-nickname', applied_at: 7 },
    ])
  })

  test('that fail half-way leave the schema and the data as they were (migration_failed)', async () => {
    const db = withSamples(await open({ migrations: sampleMigrations }))
    await db
      .insertInto('sample')
      .values(sample('a', { count: 1 }))
      .execute()
    const work = migrate(db, [...sampleMigrations, breaking])
    await expect(work).rejects.toMatchObject({ code: 'migration_failed', details: { migration: '0002-breaks' } })
    expect(await db.selectFrom('sample').selectAll().execute()).toStrictEqual([sample('a', { count: 1 })])
    await expect(sql`SELECT * FROM other`.execute(db)).rejects.toThrow()
    await inTransaction(db, (tx) => tx.insertInto('sample').values(sample('b')).execute())
    expect(await migrate(db, [...sampleMigrations, widening])).toEqual({ applied: ['0002-nickname'], unknown: [] })
  })

  test('of a newer release are warned of, and this release goes on working', async () => {
    const db = withSamples(await open({ migrations: [...sampleMigrations, widening] }))
    const warnings: [object, string][] = []
    const log = { warn: (details: object, message: string) => warnings.push([details, message]) }
    expect(await migrate(db, sampleMigrations, { log })).toEqual({ applied: [], unknown: ['0002-nickname'] })
    expect(warnings).toEqual([[{ migrations: ['0002-nickname'] }, 'the database was migrated by a newer release']])
    await db.insertInto('sample').values(sample('a')).execute()
    expect(await db.selectFrom('sample').select('id').execute()).toEqual([{ id: 'a' }])
  })

  test('are applied once when two processes start at once', async () => {
    const address = await create([])
    const starts = [1, 2, 3].map(async () => {
      const db = await openDatabase(address)
      const { applied } = await migrate(db, [...sampleMigrations, widening])
      await closeDatabase(db)
      return applied
    })
    const applied = (await Promise.all(starts)).flat()
    expect(applied.sort()).toEqual(['0001-sample', '0002-nickname'])
  })

  test('are applied once when two real processes start at once', { timeout: 60_000 }, async () => {
    const address = JSON.stringify(await create([]))
    const program = new URL('./testing/migrate-program.ts', import.meta.url)
    const exits = [1, 2].map(async () => {
      const child = fork(program, [address])
      const said: unknown[] = []
      child.on('message', (message) => said.push(message))
      const [code] = await once(child, 'exit')
      return { code, said }
    })
    const ended = await Promise.all(exits)
    expect(ended.map(({ code }) => code)).toEqual([0, 0])
    const applied = ended.flatMap(({ said }) => said).flat()
    expect(applied.sort()).toEqual(migrations.map(({ name }) => name).sort())
  })

  test('give text a bytewise order and the types that values are read back by', async () => {
    const db = await open({ migrations: [] })
    const types = columnTypes(dialectOf(db))
    expect(types.dialect).toBe(dialectOf(db))
    const columns = Object.entries({ ...types, dialect: types.text }).map(([name, type]) => `c_${name} ${type}`)
    await sql.raw(`CREATE TABLE typed (${columns.join(', ')})`).execute(db)
    const values = ['text', '{"a":1}', sql`${new Uint8Array([1])}`, true, 2 ** 45, 7]
    await sql`INSERT INTO typed (c_text, c_json, c_bytes, c_bool, c_time, c_int) VALUES (${sql.join(values)})`.execute(
      db,
    )
    const { rows } = await sql`SELECT c_text, c_json, c_bytes, c_bool, c_time, c_int FROM typed`.execute(db)
    expect(rows).toStrictEqual([
      { c_text: 'text', c_json: { a: 1 }, c_bytes: new Uint8Array([1]), c_bool: true, c_time: 2 ** 45, c_int: 7 },
    ])
  })
})
