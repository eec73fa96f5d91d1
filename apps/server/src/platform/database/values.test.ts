import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { isForeignKeyViolation, isUniqueViolation, json } from './index.ts'
import { sample, sampleMigrations, withSamples } from './testing/sample.ts'
import { describeEachDatabase } from './testing.ts'

describeEachDatabase('Stored values', (open) => {
  const openSamples = async () => withSamples(await open({ migrations: sampleMigrations }))
  const full = {
    text: 'Zoë \\u0000 🔑',
    is_on: true,
    doc: { list: [1, 'two', null, { three: 3 }], empty: {}, path: 'C:\\u0000' },
    bytes: new Uint8Array([0, 1, 127, 128, 255]),
    at: 1_760_000_000_123,
    count: -7,
  }

  test('come back as they went in', async () => {
    const db = await openSamples()
    await db.insertInto('sample').values(sample('full', full)).execute()
    const row = await db.selectFrom('sample').selectAll().executeTakeFirstOrThrow()
    expect(row).toStrictEqual({ id: 'full', ...full })
  })

  test('come back alike from RETURNING of insert, update and delete', async () => {
    const db = await openSamples()
    const expected = { id: 'full', ...full }
    const inserted = db.insertInto('sample').values(sample('full', full)).returningAll()
    expect(await inserted.executeTakeFirst()).toStrictEqual(expected)
    const updated = db
      .updateTable('sample')
      .set({ is_on: false, doc: [1, 2] })
      .returningAll()
    expect(await updated.executeTakeFirst()).toStrictEqual({ ...expected, is_on: false, doc: [1, 2] })
    const deleted = db.deleteFrom('sample').returning(['is_on', 'doc', 'bytes', 'at'])
    expect(await deleted.executeTakeFirst()).toStrictEqual({
      is_on: false,
      doc: [1, 2],
      bytes: full.bytes,
      at: full.at,
    })
  })

  test('that are absent come back as null', async () => {
    const db = await openSamples()
    await db.insertInto('sample').values(sample('none')).execute()
    const row = await db.selectFrom('sample').selectAll().executeTakeFirst()
    expect(row).toStrictEqual(sample('none'))
  })

  test.each([
    ['an array', ['a', 'b'], ['a', 'b']],
    ['an empty array', [], []],
    ['a string', json('dark'), 'dark'],
    ['a string of digits', json('12345678901234567890'), '12345678901234567890'],
    ['a number', json(12.5), 12.5],
    ['false', json(false), false],
    ['null as JSON', json(null), null],
  ])('keep JSON that is %s', async (_, doc, expected) => {
    const db = await openSamples()
    await db
      .insertInto('sample')
      .values({ ...sample('j'), doc })
      .execute()
    expect(await db.selectFrom('sample').select('doc').executeTakeFirst()).toStrictEqual({ doc: expected })
  })

  test('count and sum as numbers', async () => {
    const db = await openSamples()
    await db
      .insertInto('sample')
      .values([sample('a', { count: 2 ** 40 }), sample('b', { count: 3 })])
      .execute()
    const row = await db
      .selectFrom('sample')
      .select((eb) => [eb.fn.countAll().as('rows'), eb.fn.sum('count').as('sum'), eb.fn.max('count').as('max')])
      .executeTakeFirst()
    expect(row).toStrictEqual({ rows: 2, sum: 2 ** 40 + 3, max: 2 ** 40 })
  })

  test('sort and compare byte by byte, LIKE included', async () => {
    const db = await openSamples()
    await db
      .insertInto('sample')
      .values(['b', 'B', 'a', 'Z', 'é', '_'].map((id) => sample(id)))
      .execute()
    const sorted = await db.selectFrom('sample').select('id').orderBy('id').execute()
    expect(sorted.map(({ id }) => id)).toEqual(['B', 'Z', '_', 'a', 'b', 'é'])
    expect(await db.selectFrom('sample').select('id').where('id', 'like', 'b%').execute()).toEqual([{ id: 'b' }])
  })

  test('say how many rows a write has touched', async () => {
    const db = await openSamples()
    const inserted = await db
      .insertInto('sample')
      .values([sample('a'), sample('b')])
      .executeTakeFirst()
    expect(inserted.numInsertedOrUpdatedRows).toBe(2n)
    const updated = await db.updateTable('sample').set({ count: 1 }).where('id', '=', 'a').executeTakeFirst()
    expect(updated.numUpdatedRows).toBe(1n)
    expect((await db.deleteFrom('sample').executeTakeFirst()).numDeletedRows).toBe(2n)
  })

  test.each([
    ['U+0000 in text', 'text_contains_nul', { text: 'a\0b' }],
    ['U+0000 deep in JSON', 'text_contains_nul', { doc: { a: [{ 'k\0': 1 }] } }],
    ['U+0000 after a backslash in JSON', 'text_contains_nul', { doc: ['\\\0'] }],
    ['half a surrogate pair in text', 'text_not_unicode', { text: 'a\ud800' }],
    ['half a surrogate pair in JSON', 'text_not_unicode', { doc: ['\udc00'] }],
    ['a number that is not finite', 'value_not_storable', { count: Number.NaN }],
    ['an integer that a double cannot hold', 'value_not_storable', { count: 2 ** 53 }],
  ])('refuse %s (%s)', async (_, code, values) => {
    const db = await openSamples()
    await expect(db.insertInto('sample').values(sample('x', values)).execute()).rejects.toMatchObject({ code })
    expect(await db.selectFrom('sample').selectAll().execute()).toEqual([])
  })

  test.each([
    ['a Date', new Date(0)],
    ['undefined', undefined],
    ['a Map', new Map()],
    ['a symbol', Symbol('x')],
  ])('refuse %s as a parameter (value_not_storable)', async (_, value) => {
    const db = await openSamples()
    await expect(sql`SELECT ${value} AS x`.execute(db)).rejects.toMatchObject({ code: 'value_not_storable' })
  })

  test('refuse a stored number that cannot be read exactly', async () => {
    const db = await openSamples()
    await sql`INSERT INTO sample (id, count) VALUES ('big', 9007199254740993)`.execute(db)
    await expect(db.selectFrom('sample').select('count').execute()).rejects.toThrow()
  })

  test('tell a unique violation from other failures', async () => {
    const db = await openSamples()
    const insert = () => db.insertInto('sample').values(sample('same')).execute()
    await insert()
    const thrown = await insert().catch((error: unknown) => error)
    expect([isUniqueViolation(thrown), isForeignKeyViolation(thrown)]).toEqual([true, false])
    const other = await sql`INSERT INTO sample (id) VALUES (NULL)`.execute(db).catch((error: unknown) => error)
    expect([other instanceof Error, isUniqueViolation(other)]).toEqual([true, false])
  })

  test('tell a foreign key violation', async () => {
    const db = await openSamples()
    await sql`CREATE TABLE child (sample_id VARCHAR(40) REFERENCES sample (id))`.execute(db)
    const thrown = await sql`INSERT INTO child VALUES ('nobody')`.execute(db).catch((error: unknown) => error)
    expect([isForeignKeyViolation(thrown), isUniqueViolation(thrown)]).toEqual([true, false])
  })

  test('follow a table that was widened under select *, also beside another table', async () => {
    const db = await openSamples()
    await db.insertInto('sample').values(sample('a')).execute()
    await db.insertInto('half').values({ pair: 1, side: 'left' }).execute()
    const read = () => sql`SELECT s.*, h.* FROM sample s CROSS JOIN half h`.execute(db)
    for (let times = 0; times < 3; times += 1) await read()
    await sql`ALTER TABLE sample ADD COLUMN added BOOLEAN NOT NULL DEFAULT TRUE`.execute(db)
    const { rows } = await read()
    expect(rows).toStrictEqual([{ ...sample('a'), added: true, pair: 1, side: 'left' }])
  })
})
