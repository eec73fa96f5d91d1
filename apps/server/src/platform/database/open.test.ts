import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { closeDatabase, dialectOf, inTransaction, openDatabase, parseDatabaseUrl, pingDatabase } from './index.ts'
import { describeEachDatabase } from './testing.ts'

describe('The setting of the database', () => {
  test.each([
    ['./data/latchkey.db', { sqlite: './data/latchkey.db' }],
    ['/var/lib/latchkey/latchkey.db', { sqlite: '/var/lib/latchkey/latchkey.db' }],
    ['C:\\data\\latchkey.db', { sqlite: 'C:\\data\\latchkey.db' }],
    [
      'postgres://user:secret@db.example:5432/latchkey',
      { postgres: 'postgres://user:secret@db.example:5432/latchkey' },
    ],
    [
      'postgresql://db.example/latchkey?sslmode=verify-full',
      { postgres: 'postgresql://db.example/latchkey?sslmode=verify-full' },
    ],
  ])('%s is understood', (setting, address) => {
    expect(parseDatabaseUrl(setting)).toEqual(address)
  })

  test.each(['', ':memory:', 'mysql://db.example/latchkey', 'file:data.db', 'postgres://[bad', 'http://db.example'])(
    '%j is refused, without repeating what may hold a password (database_setting_invalid)',
    (setting) => {
      let refusal: unknown
      try {
        parseDatabaseUrl(setting)
      } catch (thrown) {
        refusal = thrown
      }
      expect(refusal).toMatchObject({
        code: 'database_setting_invalid',
        message: expect.not.stringContaining('example'),
      })
    },
  )
})

describeEachDatabase('An open database', (open, { name, create }) => {
  test('says which it is, inside a transaction too', async () => {
    const db = await open()
    expect(dialectOf(db)).toBe(name)
    expect(await inTransaction(db, async (tx) => dialectOf(tx))).toBe(name)
  })

  test('gives a sign of life, and none once closed (database_closed)', async () => {
    const db = await openDatabase(await create())
    await expect(pingDatabase(db)).resolves.toBeUndefined()
    await closeDatabase(db)
    await expect(pingDatabase(db)).rejects.toMatchObject({ code: 'database_closed', status: 503 })
  })

  test('may be closed twice', async () => {
    const db = await openDatabase(await create())
    await closeDatabase(db)
    await expect(closeDatabase(db)).resolves.toBeUndefined()
  })

  test('keeps what it was given when it is opened again', async () => {
    const address = await create()
    const first = await openDatabase(address)
    await sql`INSERT INTO migration (name, applied_at) VALUES ('kept', 1)`.execute(first)
    await closeDatabase(first)
    const second = await openDatabase(address)
    const found = await second.selectFrom('migration').selectAll().where('name', '=', 'kept').execute()
    await closeDatabase(second)
    expect(found).toEqual([{ name: 'kept', applied_at: 1 }])
  })
})
