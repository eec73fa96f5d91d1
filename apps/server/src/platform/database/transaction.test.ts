import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { dialectOf, inTransaction, isRetryable, statisticsOf } from './index.ts'
import { sample, sampleMigrations, withSamples } from './testing/sample.ts'
import { describeEachDatabase, type TestOptions } from './testing.ts'

describeEachDatabase('A transaction', (open) => {
  const openSamples = async (options: TestOptions = {}) =>
    withSamples(await open({ migrations: sampleMigrations, ...options }))
  type Samples = Awaited<ReturnType<typeof openSamples>>
  const ids = async (db: Samples) =>
    (await db.selectFrom('sample').select('id').orderBy('id').execute()).map((r) => r.id)

  test('is kept as a whole, and seen by the next read', async () => {
    const db = await openSamples()
    const answer = await inTransaction(db, async (tx) => {
      await tx.insertInto('sample').values(sample('a')).execute()
      await tx.insertInto('sample').values(sample('b')).execute()
      return (await tx.selectFrom('sample').select('id').execute()).length
    })
    expect(answer).toBe(2)
    expect(await ids(db)).toEqual(['a', 'b'])
  })

  test('that throws is undone as a whole, and throws on what was thrown', async () => {
    const db = await openSamples()
    const reason = new Error('no')
    const work = inTransaction(db, async (tx) => {
      await tx.insertInto('sample').values(sample('a')).execute()
      throw reason
    })
    await expect(work).rejects.toBe(reason)
    expect(await ids(db)).toEqual([])
  })

  test('that throws leaves those beside it alone', async () => {
    const db = await openSamples()
    const works = Array.from({ length: 20 }, (_, n) =>
      inTransaction(db, async (tx) => {
        await tx
          .insertInto('sample')
          .values(sample(`${n}`.padStart(2, '0')))
          .execute()
        if (n % 2 === 1) throw new Error('odd')
      }),
    )
    const results = await Promise.allSettled(works)
    expect(results.map(({ status }) => status === 'fulfilled')).toEqual(results.map((_, n) => n % 2 === 0))
    expect(await ids(db)).toEqual(['00', '02', '04', '06', '08', '10', '12', '14', '16', '18'])
  })

  test('is not seen from outside before it is kept', async () => {
    const db = await openSamples()
    await inTransaction(db, async (tx) => {
      await tx.insertInto('sample').values(sample('a')).execute()
      expect(await ids(db)).toEqual([])
    })
    expect(await ids(db)).toEqual(['a'])
  })

  test('is the same through Kysely’s own transaction()', async () => {
    const db = await openSamples()
    await db.transaction().execute((tx) => tx.insertInto('sample').values(sample('a')).execute())
    await expect(
      db.transaction().execute(async (tx) => {
        await tx.insertInto('sample').values(sample('b')).execute()
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    expect(await ids(db)).toEqual(['a'])
  })

  test('taking a row by DELETE … RETURNING has one winner among 50', async () => {
    const db = await openSamples()
    await db.insertInto('sample').values(sample('once')).execute()
    const take = () => db.deleteFrom('sample').where('id', '=', 'once').returning('id').executeTakeFirst()
    const taken = await Promise.all(Array.from({ length: 50 }, take))
    expect(taken.filter(Boolean)).toEqual([{ id: 'once' }])
  })

  test('taking a row inside 50 transactions has one winner', async () => {
    const db = await openSamples()
    await db.insertInto('sample').values(sample('once')).execute()
    const take = () =>
      inTransaction(db, (tx) => tx.deleteFrom('sample').where('id', '=', 'once').returning('id').executeTakeFirst())
    const taken = await Promise.all(Array.from({ length: 50 }, take))
    expect(taken.filter(Boolean)).toEqual([{ id: 'once' }])
  })

  describe('A write beside it', () => {
    test.each([
      ['an insert', (db: Samples) => db.insertInto('sample').values(sample('x')).execute()],
      ['a statement that may write', (db: Samples) => sql`UPDATE sample SET count = 1`.execute(db)],
      ['a transaction of its own', (db: Samples) => inTransaction(db, async () => 1)],
    ])('is refused at once: %s (write_outside_transaction)', async (_, write) => {
      const db = await openSamples()
      const work = inTransaction(db, async (tx) => {
        await tx.insertInto('sample').values(sample('a')).execute()
        await write(db)
      })
      await expect(work).rejects.toMatchObject({ code: 'write_outside_transaction', status: 500 })
      expect(await ids(db)).toEqual([])
    })

    test('is allowed once the transaction is over, from code that began inside it', async () => {
      const db = await openSamples()
      const after = await inTransaction(db, async (tx) => {
        await tx.insertInto('sample').values(sample('a')).execute()
        return { done: sleep(50).then(() => db.insertInto('sample').values(sample('b')).execute()) }
      })
      await after.done
      expect(await ids(db)).toEqual(['a', 'b'])
    })
  })

  describe('One that never ends', () => {
    test('is undone at its deadline, refused as retryable, and no longer in the way', async () => {
      const db = await openSamples({ deadline: 100 })
      const late = Promise.withResolvers<void>()
      const afterwards = Promise.withResolvers<unknown>()
      const stuck = inTransaction(db, async (tx) => {
        await tx.insertInto('sample').values(sample('stuck')).execute()
        await late.promise
        await tx.insertInto('sample').values(sample('late')).execute().catch(afterwards.resolve)
      })
      const behind = db.insertInto('sample').values(sample('behind')).execute()
      const refusal = await stuck.catch((error: unknown) => error)
      expect(refusal).toMatchObject({ code: 'transaction_timed_out', status: 503, details: { retryAfter: 1 } })
      expect(isRetryable(refusal)).toBe(true)
      await behind
      late.resolve()
      expect(await afterwards.promise).toMatchObject({ code: 'transaction_timed_out' })
      expect(await ids(db)).toEqual(['behind'])
    })

    test('may be given more time', async () => {
      const db = await openSamples({ deadline: 30 })
      const slow = inTransaction(
        db,
        async (tx) => {
          await sleep(100)
          await tx.insertInto('sample').values(sample('slow')).execute()
        },
        { deadline: 5_000 },
      )
      await expect(slow).resolves.toBeUndefined()
      expect(await ids(db)).toEqual(['slow'])
    })
  })

  test('that is ending takes no statement that was forgotten to be awaited (transaction_over)', async () => {
    const db = await openSamples()
    const forgotten = Promise.withResolvers<unknown>()
    await inTransaction(db, async (tx) => {
      setImmediate(() =>
        tx.insertInto('sample').values(sample('late')).execute().then(forgotten.resolve, forgotten.resolve),
      )
    })
    expect(await forgotten.promise).toMatchObject({ code: 'transaction_over' })
    expect(await ids(db)).toEqual([])
  })

  test('whose statement failed and was overlooked is not half kept', async () => {
    const db = await openSamples()
    await db.insertInto('sample').values(sample('a')).execute()
    const work = inTransaction(db, async (tx) => {
      await tx.insertInto('sample').values(sample('b')).execute()
      await tx
        .insertInto('sample')
        .values(sample('a'))
        .execute()
        .catch(() => {})
    })
    const outcome = await work.then(
      () => 'kept',
      (error: { code: string }) => error.code,
    )
    // SQLite undoes the statement, PostgreSQL the transaction; neither says that it is kept when it is not.
    expect([outcome, await ids(db)]).toEqual(
      dialectOf(db) === 'sqlite' ? ['kept', ['a', 'b']] : ['transaction_aborted', ['a']],
    )
  })

  test('refuses streaming (streaming_unsupported)', async () => {
    const db = await openSamples()
    await expect(db.selectFrom('sample').selectAll().stream().next()).rejects.toMatchObject({
      code: 'streaming_unsupported',
    })
  })

  test('is counted once kept', async () => {
    const db = await openSamples()
    const before = statisticsOf(db)
    await inTransaction(db, (tx) => tx.insertInto('sample').values(sample('a')).execute())
    await inTransaction(db, async () => Promise.reject(new Error('no'))).catch(() => {})
    const after = statisticsOf(db)
    expect(after.transactions - before.transactions).toBe(1)
    expect(after.commits - before.commits).toBe(1)
    expect(after.rollbacks - before.rollbacks).toBe(1)
  })
})
