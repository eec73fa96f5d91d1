import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { describe, expect, test } from 'vitest'
import { startPostgres } from '../../../../../tools/test/postgres.ts'
import { closeDatabase, type DatabaseAddress, inTransaction, migrate, openDatabase } from './index.ts'
import { sampleMigrations, withSamples } from './testing/sample.ts'
import { databases, describeEachDatabase } from './testing.ts'

const pairs = 1_000
/** Ten times what it takes on an idle machine. */
const timeout = 120_000

/** Lets a process write pairs; `onPair` hears how many were acknowledged. Resolves with all of them once it ended. */
async function writePairs(
  address: DatabaseAddress,
  [first, last]: [number, number],
  onPair: (count: number, writer: ChildProcess) => void,
): Promise<number[]> {
  const program = `${import.meta.dirname}/testing/crash-program.ts`
  const args = [program, JSON.stringify(address), `${first}`, `${last}`]
  const writer = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = once(writer, 'exit')
  const acknowledged: number[] = []
  for await (const line of createInterface({ input: writer.stdout })) {
    acknowledged.push(Number(line))
    onPair(acknowledged.length, writer)
  }
  await ended
  return acknowledged
}

/** The pairs that are there, and how many of them are only half there. */
async function survey(address: DatabaseAddress): Promise<{ kept: Set<number>; halves: number }> {
  const db = withSamples(await openDatabase(address))
  const rows = await db
    .selectFrom('half')
    .select((eb) => ['pair', eb.fn.countAll<number>().as('sides')])
    .groupBy('pair')
    .execute()
  await closeDatabase(db)
  return { kept: new Set(rows.map(({ pair }) => pair)), halves: rows.filter(({ sides }) => sides !== 2).length }
}

describeEachDatabase('kill -9 in the middle of a thousand transactions', (_open, { create }) => {
  test('loses nothing acknowledged, leaves nothing half done, and the next process goes on', { timeout }, async () => {
    const address = await create(sampleMigrations)
    let next = 0
    const acknowledged: number[] = []
    for (const killAt of [200, 150, 250, pairs]) {
      const said = await writePairs(address, [next, pairs], (count, writer) => {
        if (count === killAt) writer.kill('SIGKILL')
      })
      acknowledged.push(...said)
      const { kept, halves } = await survey(address)
      expect(halves).toBe(0)
      expect(acknowledged.filter((pair) => !kept.has(pair))).toEqual([])
      next = Math.max(next, ...kept) + 1
    }
    expect(acknowledged.length).toBeGreaterThan(600)
    expect(next).toBe(pairs)
  })
})

const declare = databases[1]?.isAvailable ? describe : describe.skip

declare('kill -9 of the PostgreSQL server', () => {
  test('loses nothing acknowledged and leaves nothing half done', { timeout }, async () => {
    const server = await startPostgres()
    try {
      const address = { postgres: server.url }
      const db = withSamples(await openDatabase(address))
      await migrate(db, sampleMigrations)
      let crash: Promise<void> | undefined
      const acknowledged = await writePairs(address, [0, pairs], (count) => {
        if (count === 300) crash = server.crashAndRestart()
      })
      await crash
      expect(acknowledged.length).toBeLessThan(pairs)
      const { kept, halves } = await survey(address)
      expect(halves).toBe(0)
      expect(acknowledged.filter((pair) => !kept.has(pair))).toEqual([])
      await inTransaction(db, (tx) => tx.insertInto('half').values({ pair: pairs, side: 'left' }).execute())
      await closeDatabase(db)
    } finally {
      await server.stop()
    }
  })
})
