import { sql } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import { type Database, pingDatabase } from './index.ts'
import { describeEachDatabase } from './testing.ts'

describeEachDatabase('A test database', (open) => {
  test('is migrated and nobody else’s', async () => {
    const [one, other] = await Promise.all([open(), open()])
    await sql`INSERT INTO migration (name, applied_at) VALUES ('mine', 1)`.execute(one)
    const seen = await sql<{ name: string }>`SELECT name FROM migration WHERE name = 'mine'`.execute(other)
    expect(seen.rows).toEqual([])
    const kept = await one.selectFrom('migration').select('name').orderBy('name').execute()
    expect(kept.map(({ name }) => name)).toContain('0001-foundations')
    expect(kept.map(({ name }) => name)).toContain('mine')
  })

  let shared: Database
  beforeAll(async () => {
    shared = await open()
  })
  test.each([1, 2])('that beforeAll opened is there for every test (%i)', async () => {
    await expect(pingDatabase(shared)).resolves.toBeUndefined()
  })
})
