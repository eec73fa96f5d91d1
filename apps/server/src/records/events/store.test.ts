import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { closeDatabase, type Database, inTransaction, openDatabase } from '../../platform/database/index.ts'
import { describeEachDatabase } from '../../platform/database/testing.ts'
import type { OrgId } from '../orgs/index.ts'
import { makeOrg, testTime } from '../orgs/testing.ts'
import { listEvents, recordEvent, recordRefusal, sequenceEvents } from './store.ts'

const all = { limit: 10_000 }

describeEachDatabase('Events', (open, database) => {
  let db: Database
  beforeAll(async () => {
    db = await open()
  })
  const record = (org: OrgId, at: number) => recordEvent(db, org, 'session.started', { at, details: { at } })
  const follow = async (org: OrgId, afterSequence: number) => {
    const events = await listEvents(db, org, { ...all, afterSequence })
    return events.map(({ sequence, details }) => [sequence, details.at])
  }

  test('are kept as they were recorded', async () => {
    const org = await makeOrg(db)
    await recordEvent(db, org, 'user.created', {
      at: testTime,
      userId: '00u1',
      clientId: 'demo',
      context: { requestId: 'r1', ip: '192.0.2.1', userAgent: 'Agent' },
      details: { by: ['someone'], nested: { deep: null } },
    })
    const [event] = await listEvents(db, org, all)
    expect(event).toEqual({
      id: expect.stringMatching(/^evt[0-9A-Za-z]{17}$/),
      sequence: null,
      name: 'user.created',
      at: testTime,
      outcome: 'SUCCESS',
      reason: null,
      userId: '00u1',
      clientId: 'demo',
      context: { requestId: 'r1', ip: '192.0.2.1', userAgent: 'Agent' },
      details: { by: ['someone'], nested: { deep: null } },
    })
  })

  test('of a success go with the transaction that they belong to', async () => {
    const org = await makeOrg(db)
    const failing = inTransaction(db, async (tx) => {
      await recordEvent(tx, org, 'user.created', { at: testTime })
      throw new Error('undone')
    })
    await expect(failing).rejects.toThrow('undone')
    expect(await listEvents(db, org, all)).toEqual([])
  })

  test('of a refusal are failures with their reason', async () => {
    const org = await makeOrg(db)
    await recordRefusal(db, org, 'sign-in.refused', { at: testTime, reason: 'passkey_not_recognised' })
    expect(await listEvents(db, org, all)).toMatchObject([{ outcome: 'FAILURE', reason: 'passkey_not_recognised' }])
  })

  test('are listed by time, type, user, client and in both directions', async () => {
    const org = await makeOrg(db)
    await recordEvent(db, org, 'session.started', { at: 1, userId: 'one' })
    await recordEvent(db, org, 'session.ended', { at: 2, userId: 'two' })
    await recordEvent(db, org, 'token.issued', { at: 3, clientId: 'demo' })
    const times = async (query: Omit<Parameters<typeof listEvents>[2], 'limit'>) =>
      (await listEvents(db, org, { ...all, ...query })).map(({ at }) => at)
    expect(await times({})).toEqual([1, 2, 3])
    expect(await times({ newestFirst: true })).toEqual([3, 2, 1])
    expect(await times({ since: 2 })).toEqual([2, 3])
    expect(await times({ until: 2 })).toEqual([1])
    expect(await times({ types: ['session.started', 'token.issued'] })).toEqual([1, 3])
    expect(await times({ types: [] })).toEqual([])
    expect(await times({ userId: 'two' })).toEqual([2])
    expect(await times({ clientId: 'demo' })).toEqual([3])
    expect(await listEvents(db, org, { limit: 2 })).toHaveLength(2)
  })

  test('of one org are neither listed nor numbered with those of another', async () => {
    const [a, b] = [await makeOrg(db), await makeOrg(db)]
    await record(a, 1)
    await record(b, 2)
    await record(a, 3)
    await sequenceEvents(db, all)
    expect(await follow(a, 0)).toEqual([[1, 1], [2, 3]]) // biome-ignore format: pairs
    expect(await follow(b, 0)).toEqual([[1, 2]])
  })

  describe('in sequence', () => {
    test('are numbered in the order of their time, without gaps, a part at a time', async () => {
      const org = await makeOrg(db)
      for (const at of [30, 10, 20]) await record(org, at)
      expect(await follow(org, 0)).toEqual([])
      expect(await sequenceEvents(db, { limit: 2 })).toBe(2)
      expect(await follow(org, 0)).toEqual([[1, 10], [2, 20]]) // biome-ignore format: pairs
      expect(await sequenceEvents(db, { limit: 2 })).toBe(1)
      expect(await sequenceEvents(db, { limit: 2 })).toBe(0)
      expect(await follow(org, 2)).toEqual([[3, 30]])
    })

    test('that committed late come after those that a follower has seen', async () => {
      const org = await makeOrg(db)
      const committed = Promise.withResolvers<void>()
      const recorded = Promise.withResolvers<void>()
      const slow =
        database.name === 'sqlite'
          ? committed.promise.then(() => record(org, 1))
          : inTransaction(db, async (tx) => {
              await recordEvent(tx, org, 'session.started', { at: 1, details: { at: 1 } })
              recorded.resolve()
              await committed.promise
            })
      if (database.name === 'postgres') await recorded.promise
      await record(org, 2)
      await sequenceEvents(db, all)
      expect(await follow(org, 0)).toEqual([[1, 2]])
      committed.resolve()
      await slow
      await sequenceEvents(db, all)
      expect(await follow(org, 1)).toEqual([[2, 1]])
    })

    test('are numbered once by processes that number, and never out of turn for those that follow', async () => {
      const address = await database.create()
      const processes = await Promise.all([1, 2, 3].map(() => openDatabase(address)))
      const [one, two, three] = processes
      if (!one || !two || !three) throw new Error('three processes were opened')
      try {
        const org = await makeOrg(one)
        const total = 150
        const write = async (process: Database) => {
          for (let count = 0; count < total / 3; count += 1)
            await recordEvent(process, org, 'session.started', { at: count, details: {} })
        }
        let isWriting = true
        const number = async (process: Database) => {
          while ((await sequenceEvents(process, { limit: 7 })) > 0 || isWriting) await sleep(1)
        }
        const seen: (number | null)[] = []
        const followAll = async (process: Database) => {
          while (seen.length < total) {
            const events = await listEvents(process, org, { limit: 20, afterSequence: seen.length })
            for (const event of events) seen.push(event.sequence)
            await sleep(1)
          }
        }
        const writing = Promise.all(processes.map(write)).finally(() => {
          isWriting = false
        })
        await Promise.all([writing, number(one), number(two), number(three), followAll(two)])
        expect(seen).toEqual(Array.from({ length: total }, (_, index) => index + 1))
        expect(new Set((await listEvents(one, org, all)).map(({ sequence }) => sequence)).size).toBe(total)
      } finally {
        await Promise.all(processes.map(closeDatabase))
      }
    })
  })
})
