import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { minute } from '../../platform/clock.ts'
import { closeDatabase, type Database, inTransaction, openDatabase } from '../../platform/database/index.ts'
import { describeEachDatabase } from '../../platform/database/testing.ts'
import { openVault } from '../../platform/vault.ts'
import type { OrgId } from '../orgs/index.ts'
import { makeOrg, testTime } from '../orgs/testing.ts'
import type { Json } from './outbox.ts'
import { enqueue, finish, releaseLease, retryLater, takeDue, takeLease } from './store.ts'

const vault = openVault(['a secret of the tests'])
const payload = { to: 'ada@example.com', code: '123456', list: [1, null, { deep: true }] }

describeEachDatabase('The outbox', (open, database) => {
  let db: Database
  let org: OrgId
  beforeAll(async () => {
    db = await open()
    org = await makeOrg(db)
  })
  /** Each test works with a kind of its own. */
  let kind = ''
  let count = 0
  beforeEach(() => {
    count += 1
    kind = `kind-${count}`
  })
  const add = (dueAt = testTime, content: Json = payload, forOrg = org) =>
    inTransaction(db, (tx) => enqueue(tx, vault, forOrg, kind, content, { dueAt }))
  const take = (now: number, limit = 10) => takeDue(db, vault, { kind, limit, leaseMs: minute }, now)

  test('gives work that is due, with its payload, and nothing before its time', async () => {
    const id = await add()
    expect(await take(testTime - 1)).toEqual([])
    expect(await take(testTime)).toEqual([{ org, id, kind, payload, attempts: 1, createdAt: testTime }])
  })

  test('keeps nothing of a transaction that is undone', async () => {
    const undone = inTransaction(db, async (tx) => {
      await enqueue(tx, vault, org, kind, payload, { dueAt: testTime })
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    expect(await take(testTime)).toEqual([])
  })

  test('gives work to one taker until its lease ends, then to the next', async () => {
    const id = await add()
    await take(testTime)
    expect(await take(testTime + minute - 1)).toEqual([])
    expect(await take(testTime + minute)).toMatchObject([{ id, attempts: 2 }])
  })

  test('gives the work that has been due for longest first, of the kind asked for', async () => {
    const ids = [await add(testTime + 2), await add(testTime), await add(testTime + 1)]
    expect(new Set((await take(testTime + 5, 2)).map(({ id }) => id))).toEqual(new Set([ids[1], ids[2]]))
    expect(await takeDue(db, vault, { kind: 'other', limit: 10, leaseMs: minute }, testTime + 5)).toEqual([])
    expect((await take(testTime + 5)).map(({ id }) => id)).toEqual([ids[0]])
  })

  test('gives finished work to nobody, and retried work at the time it was given', async () => {
    const [done, retried] = [await add(), await add()]
    await take(testTime)
    await finish(db, org, done)
    await retryLater(db, org, retried, { dueAt: testTime + 5 * minute, error: 'mail server away' })
    expect(await take(testTime + 4 * minute)).toEqual([])
    expect(await take(testTime + 5 * minute)).toMatchObject([{ id: retried, attempts: 2 }])
  })

  test('keeps payloads unreadable, each tied to its row', async () => {
    const [one, other] = [await add(), await add()]
    const rows = await db.selectFrom('outbox').select(['id', 'payload']).where('kind', '=', kind).execute()
    expect(JSON.stringify(rows)).not.toContain('123456')
    const ofOther = rows.find(({ id }) => id === other)?.payload ?? ''
    await db.updateTable('outbox').set({ payload: ofOther }).where('id', '=', one).execute()
    expect((await take(testTime)).map(({ id }) => id)).toEqual([other])
    const spoiled = await db.selectFrom('outbox').select('last_error').where('id', '=', one).executeTakeFirst()
    expect(spoiled?.last_error).toBe('ciphertext_unreadable')
  })

  test('of one org is neither finished nor put off from another', async () => {
    const other = await makeOrg(db)
    const id = await add()
    await finish(db, other, id)
    await retryLater(db, other, id, { dueAt: testTime + minute, error: 'no' })
    expect(await take(testTime)).toMatchObject([{ id, org }])
  })

  test('gives each piece of work to one of the processes that take at once', async () => {
    const address = await database.create()
    const processes = await Promise.all([openDatabase(address), openDatabase(address)])
    try {
      const own = await makeOrg(processes[0])
      await inTransaction(processes[0], async (tx) => {
        for (let index = 0; index < 30; index += 1) await enqueue(tx, vault, own, kind, index, { dueAt: testTime })
      })
      const takers = Array.from({ length: 10 }, () => processes).flat()
      const taken = await Promise.all(
        takers.map((process) => takeDue(process, vault, { kind, limit: 5, leaseMs: minute }, testTime)),
      )
      const rest = await takeDue(processes[1], vault, { kind, limit: 30, leaseMs: minute }, testTime)
      const payloads = [...taken.flat(), ...rest].map((item) => Number(item.payload))
      expect(payloads.sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, index) => index))
    } finally {
      await Promise.all(processes.map(closeDatabase))
    }
  })

  describe('leases of jobs', () => {
    test('are held by one, who may prolong them, until they end', async () => {
      expect(await takeLease(db, kind, 'one', minute, testTime)).toBe(true)
      expect(await takeLease(db, kind, 'other', minute, testTime + 1)).toBe(false)
      expect(await takeLease(db, kind, 'one', minute, testTime + 1000)).toBe(true)
      expect(await takeLease(db, kind, 'other', minute, testTime + minute)).toBe(false)
      expect(await takeLease(db, kind, 'other', minute, testTime + 1000 + minute)).toBe(true)
      expect(await takeLease(db, kind, 'one', minute, testTime + 1000 + minute)).toBe(false)
    })

    test('are given back by their holder only', async () => {
      await takeLease(db, kind, 'one', minute, testTime)
      await releaseLease(db, kind, 'other')
      expect(await takeLease(db, kind, 'other', minute, testTime)).toBe(false)
      await releaseLease(db, kind, 'one')
      expect(await takeLease(db, kind, 'other', minute, testTime)).toBe(true)
    })

    test('asked for at once are given to one', async () => {
      const holders = Array.from({ length: 20 }, (_, index) => `holder ${index}`)
      const taken = await Promise.all(holders.map((holder) => takeLease(db, kind, holder, minute, testTime)))
      expect(taken.filter(Boolean)).toHaveLength(1)
    })
  })
})
