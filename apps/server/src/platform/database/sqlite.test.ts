import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { closeDatabase, inTransaction, isRetryable, openDatabase, statisticsOf } from './index.ts'
import { openWriter } from './sqlite-connection.ts'
import { closeTurns, createTurns, keepTurn, takeTurn } from './sqlite-turns.ts'
import { sample, sampleMigrations, withSamples } from './testing/sample.ts'
import { databases, type TestOptions } from './testing.ts'

const [sqlite] = databases
if (sqlite?.name !== 'sqlite') throw new Error('SQLite comes first')

const openSamples = async (options: TestOptions = {}) =>
  withSamples(await sqlite.open({ migrations: sampleMigrations, ...options }))
type Samples = Awaited<ReturnType<typeof openSamples>>

async function createFile(): Promise<string> {
  const address = await sqlite?.create(sampleMigrations)
  if (!address || !('sqlite' in address)) throw new Error('not a file')
  return address.sqlite
}

const insert = (db: Samples, id: string) =>
  inTransaction(db, (tx) => tx.insertInto('sample').values(sample(id)).execute())
const count = async (db: Samples) => (await db.selectFrom('sample').select('id').execute()).length

describe('SQLite connections', () => {
  test('write durably: every commit reaches the disk', async () => {
    const db = await openSamples()
    const pragma = (name: string) =>
      inTransaction(
        db,
        async (tx) => Object.values((await sql.raw<object>(`PRAGMA ${name}`).execute(tx)).rows[0] ?? {})[0],
      )
    expect(await pragma('synchronous')).toBe(2)
    expect(await pragma('journal_mode')).toBe('wal')
    expect(await pragma('foreign_keys')).toBe(1)
    expect(await pragma('fullfsync')).toBe(1)
  })

  test('read through a connection that cannot write', async () => {
    const db = await openSamples()
    // Reads as a query, and would write.
    const disguised = sql`SELECT 1 WHERE 1 = 2`.execute(db)
    expect((await disguised).rows).toEqual([])
    const { rows } = await sql<{ file: string }>`SELECT file FROM pragma_database_list`.execute(db)
    const before = statisticsOf(db)
    expect(rows[0]?.file).toContain('latchkey.db')
    expect(statisticsOf(db)).toEqual(before)
  })

  test('read what is committed while the writer is in the middle of a transaction', async () => {
    const db = await openSamples()
    await inTransaction(db, async (tx) => {
      await tx.insertInto('sample').values(sample('a')).execute()
      expect([await count(db), (await tx.selectFrom('sample').select('id').execute()).length]).toEqual([0, 1])
    })
    expect(await count(db)).toBe(1)
  })

  test('keep their file and folder to themselves', async () => {
    const file = await createFile()
    const path = `${dirname(file)}/data/deep/latchkey.db`
    const db = await openDatabase({ sqlite: path })
    await sql`CREATE TABLE t (x)`.execute(db)
    const modes = [dirname(path), path, `${path}-wal`, `${path}-shm`].map((name) => statSync(name).mode & 0o777)
    await closeDatabase(db)
    expect(modes).toEqual([0o700, 0o600, 0o600, 0o600])
  })

  test('refuse a file that is no database, and say which', async () => {
    await expect(openDatabase({ sqlite: '/dev/null' })).rejects.toMatchObject({
      code: 'database_setting_invalid',
      message: expect.stringContaining('/dev/null'),
    })
  })

  test('answer what was under way before they close, and refuse what comes after', async () => {
    const path = await createFile()
    const db = withSamples(await openDatabase({ sqlite: path }))
    const underWay = Promise.all([insert(db, 'a'), insert(db, 'b')])
    await underWay
    const closing = [insert(db, 'c'), closeDatabase(db)]
    await Promise.all(closing)
    const refusal = await insert(db, 'd').catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'database_closed' })
    expect(isRetryable(refusal)).toBe(true)
    const again = withSamples(await openDatabase({ sqlite: path }))
    expect(await count(again)).toBe(3)
    await closeDatabase(again)
  })
})

describe('Shared commits', () => {
  test('keep 64 transactions that wait together by one commit', async () => {
    const db = await openSamples()
    const before = statisticsOf(db)
    await Promise.all(Array.from({ length: 64 }, (_, n) => insert(db, `${n}`)))
    const after = statisticsOf(db)
    expect([after.transactions - before.transactions, after.commits - before.commits]).toEqual([64, 1])
    expect(await count(db)).toBe(64)
  })

  test('include statements on their own', async () => {
    const db = await openSamples()
    const before = statisticsOf(db).commits
    await Promise.all([
      db.insertInto('sample').values(sample('a')).execute(),
      insert(db, 'b'),
      db.insertInto('sample').values(sample('c')).returning('id').executeTakeFirst(),
    ])
    expect(statisticsOf(db).commits - before).toBe(1)
    expect(await count(db)).toBe(3)
  })

  test('hold no more than the group size', async () => {
    const db = await openSamples({ groupSize: 10 })
    const before = statisticsOf(db).commits
    await Promise.all(Array.from({ length: 95 }, (_, n) => insert(db, `${n}`)))
    expect(statisticsOf(db).commits - before).toBe(10)
  })

  test('leave room for timers and sockets while a crowd comes again and again', async () => {
    const db = await openSamples({ groupSize: 4 })
    let isOver = false
    setTimeout(() => {
      isOver = true
    }, 20)
    let done = 0
    const crowd = Array.from({ length: 8 }, async (_, n) => {
      while (!isOver && done < 100_000) await insert(db, `${n}/${done++}`)
    })
    await Promise.all(crowd)
    expect(isOver).toBe(true)
  })

  test('answer nobody before the commit', async () => {
    const path = await createFile()
    const db = withSamples(await openDatabase({ sqlite: path }))
    const witness = new DatabaseSync(path, { readOnly: true })
    const seen = witness.prepare('SELECT count(*) AS n FROM sample')
    const found = await Promise.all(Array.from({ length: 5 }, (_, n) => insert(db, `${n}`).then(() => seen.get()?.n)))
    witness.close()
    await closeDatabase(db)
    expect(found).toEqual([5, 5, 5, 5, 5])
  })

  test('undo a turn that throws to its own savepoint only', async () => {
    const db = await openSamples()
    const before = statisticsOf(db).commits
    const results = await Promise.allSettled([
      insert(db, 'a'),
      inTransaction(db, async (tx) => {
        await tx.insertInto('sample').values(sample('b')).execute()
        throw new Error('no')
      }),
      insert(db, 'c'),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(statisticsOf(db).commits - before).toBe(1)
    expect(await count(db)).toBe(2)
  })
})

describe('A commit that fails', () => {
  test('refuses everyone in the group as retryable, and keeps nothing', async () => {
    const db = await openSamples()
    // A deferred foreign key is checked by COMMIT alone: the group fails there, and its transaction stays open.
    await sql`CREATE TABLE parent (id TEXT PRIMARY KEY)`.execute(db)
    await sql`CREATE TABLE child (id TEXT REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)`.execute(db)
    const orphan = inTransaction(db, (tx) => sql`INSERT INTO child VALUES ('nobody')`.execute(tx))
    const results = await Promise.allSettled([insert(db, 'a'), orphan, insert(db, 'b')])
    const reasons = results.map((result) => (result.status === 'rejected' ? result.reason : undefined))
    expect(reasons.map((reason) => reason?.code)).toEqual(Array(3).fill('database_commit_failed'))
    expect(reasons.map(isRetryable)).toEqual([true, true, true])
    expect(await count(db)).toBe(0)
    await insert(db, 'c')
    expect(await count(db)).toBe(1)
  })

  test('because the disk is full refuses everyone in the group, and the next try may succeed', async () => {
    const path = await createFile()
    // The write-ahead log meets the limit when the group is committed; the signal that comes with it is ignored.
    const shell = 'trap "" XFSZ; ulimit -f 8192; exec "$@"'
    const program = `${import.meta.dirname}/testing/full-disk-program.ts`
    const said = JSON.parse(
      execFileSync('sh', ['-c', shell, 'sh', process.execPath, program, path], { encoding: 'utf8' }),
    )
    expect(said).toEqual({
      kept: 2,
      group: Array(5).fill('database_commit_failed'),
      afterwards: 'kept',
      commits: 3,
    })
    const db = withSamples(await openDatabase({ sqlite: path }))
    expect(await count(db)).toBe(2 * 5 + 1)
    await closeDatabase(db)
  })

  test('because the database is full refuses those who were done already, and the next try succeeds', async () => {
    const db = await openSamples()
    const pages = await inTransaction(db, async (tx) => {
      const { rows } = await sql<{ page_count: number }>`PRAGMA page_count`.execute(tx)
      return rows[0]?.page_count ?? 0
    })
    await inTransaction(db, (tx) => sql.raw(`PRAGMA max_page_count = ${pages + 4}`).execute(tx))
    const large = (id: string) =>
      inTransaction(db, (tx) =>
        tx
          .insertInto('sample')
          .values(sample(id, { bytes: new Uint8Array(1_000_000) }))
          .execute(),
      )
    const results = await Promise.allSettled([insert(db, 'a'), large('b'), insert(db, 'c')])
    const codes = results.map((result) => (result.status === 'rejected' ? result.reason.code : 'kept'))
    expect(codes).toEqual(['database_commit_failed', 'database_unavailable', 'kept'])
    expect((await db.selectFrom('sample').select('id').execute()).map(({ id }) => id)).toEqual(['c'])
  })

  test('in the middle of a turn lets that turn write nothing more', async () => {
    const db = await openSamples()
    await inTransaction(db, (tx) => sql`PRAGMA max_page_count = 20`.execute(tx))
    const work = inTransaction(db, async (tx) => {
      await tx
        .insertInto('sample')
        .values(sample('big', { bytes: new Uint8Array(1_000_000) }))
        .execute()
        .catch(() => {})
      // Outside any transaction now; it would be kept although the first half is lost.
      await tx.insertInto('sample').values(sample('small')).execute()
    })
    await expect(work).rejects.toMatchObject({ code: 'database_commit_failed' })
    expect(await count(db)).toBe(0)
  })
})

describe('Another process that writes the same file', () => {
  test('finds the lock left free for a moment, even while a crowd comes again and again', async () => {
    const writer = openWriter(await createFile())
    const freeFor: number[] = []
    let releasedAt = performance.now()
    const watched = {
      ...writer,
      run<Row>(query: Parameters<typeof writer.run>[0]) {
        if (query.sql === 'BEGIN IMMEDIATE') freeFor.push(performance.now() - releasedAt)
        const result = writer.run<Row>(query)
        if (query.sql === 'COMMIT') releasedAt = performance.now()
        return result
      },
    }
    const turns = createTurns(watched, { groupSize: 8, patience: 10_000, random: Math.random })
    const until = performance.now() + 700
    const crowd = Array.from({ length: 16 }, async () => {
      while (performance.now() < until) await keepTurn(turns, await takeTurn(turns))
    })
    await Promise.all(crowd)
    closeTurns(turns)
    writer.close()
    expect(freeFor.length).toBeGreaterThan(20)
    expect(Math.max(...freeFor.slice(1))).toBeGreaterThanOrEqual(2)
  })

  test('is waited for, while reads go on', async () => {
    const path = await createFile()
    const db = withSamples(await openDatabase({ sqlite: path }))
    const other = new DatabaseSync(path)
    other.exec('BEGIN IMMEDIATE')
    const waiting = insert(db, 'a')
    await sleep(60)
    expect(await count(db)).toBe(0)
    other.exec("INSERT INTO sample (id) VALUES ('theirs')")
    other.exec('COMMIT')
    await waiting
    expect(await count(db)).toBe(2)
    other.close()
    await closeDatabase(db)
  })

  test('is not waited for longer than patience allows (database_busy)', async () => {
    const path = await createFile()
    const db = withSamples(await openDatabase({ sqlite: path }, { patience: 100 }))
    const other = new DatabaseSync(path)
    other.exec('BEGIN IMMEDIATE')
    const refusal = await insert(db, 'a').catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'database_busy', status: 503, details: { retryAfter: 1 } })
    other.exec('ROLLBACK')
    await insert(db, 'b')
    expect(await count(db)).toBe(1)
    other.close()
    await closeDatabase(db)
  })

  test('gets its turns at a file that is never idle, and nothing of either is lost', async () => {
    const path = await createFile()
    const script = `
      import { inTransaction, openDatabase, closeDatabase } from ${JSON.stringify(`${import.meta.dirname}/index.ts`)}
      import { sample, withSamples } from ${JSON.stringify(`${import.meta.dirname}/testing/sample.ts`)}
      const db = withSamples(await openDatabase({ sqlite: process.argv[1] }))
      for (let n = 0; n < 20; n += 1)
        await inTransaction(db, (tx) => tx.insertInto('sample').values(sample('theirs' + n)).execute())
      await closeDatabase(db)`
    const other = spawn(process.execPath, ['--input-type=module-typescript', '-e', script, path], { stdio: 'inherit' })
    const ended = once(other, 'exit')
    const db = withSamples(await openDatabase({ sqlite: path }))
    let ours = 0
    while (other.exitCode === null) await insert(db, `ours${ours++}`)
    expect(await ended).toEqual([0, null])
    expect(await count(db)).toBe(ours + 20)
    await closeDatabase(db)
  })
})
