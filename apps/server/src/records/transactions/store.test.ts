import { beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../../platform/database/index.ts'
import { describeEachDatabase } from '../../platform/database/testing.ts'
import { newSecret } from '../../platform/ids.ts'
import type { OrgId } from '../orgs/index.ts'
import { makeOrg, testTime } from '../orgs/testing.ts'
import {
  findTransaction,
  insertTransaction,
  removeExpiredTransactions,
  removeTransaction,
  saveTransaction,
} from './store.ts'

type State = { step: string; tries?: number; nested?: { list: string[] } }

describeEachDatabase('Transactions', (open) => {
  let db: Database
  let org: OrgId
  beforeAll(async () => {
    db = await open()
  })
  beforeEach(async () => {
    org = await makeOrg(db)
  })

  async function begin(state: State = { step: 'identify' }, expiresAt = testTime + 1_000) {
    const handle = newSecret()
    const transaction = await insertTransaction(db, org, { handle, boundTo: 'cookie', state, expiresAt }, testTime)
    return { handle, transaction, id: transaction.id }
  }
  const find = (handle: string, now = testTime) => findTransaction<State>(db, org, handle, now)

  test('are found by their handle as they were begun', async () => {
    const { handle, transaction } = await begin({ step: 'identify', nested: { list: ['é', ''] } })
    expect(transaction).toMatchObject({ version: 1, boundTo: 'cookie', createdAt: testTime })
    expect(transaction.id).toMatch(/^txn[0-9A-Za-z]{17}$/)
    expect(await find(handle)).toEqual(transaction)
    expect(await find(transaction.id)).toBeUndefined()
  })

  test('are kept without their handle', async () => {
    const { handle, id } = await begin()
    const row = await db.selectFrom('sign_in_transaction').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    expect(JSON.stringify(row)).not.toContain(handle)
  })

  test('are gone when their time is over', async () => {
    const { handle, transaction } = await begin()
    expect(await find(handle, testTime + 999)).toEqual(transaction)
    expect(await find(handle, testTime + 1_000)).toBeUndefined()
  })

  test('are changed by whoever knows their version, which then grows', async () => {
    const { handle, id, transaction } = await begin()
    const change = { state: { step: 'challenge' }, expiresAt: testTime + 5_000, boundTo: 'other cookie' }
    expect(await saveTransaction(db, org, id, 1, change)).toBe(true)
    expect(await find(handle)).toEqual({ ...transaction, version: 2, ...change })
    expect(await saveTransaction(db, org, id, 2, { state: { step: 'done' } })).toBe(true)
    expect(await find(handle)).toEqual({ ...transaction, ...change, version: 3, state: { step: 'done' } })
  })

  test('are not changed by who knows an older version', async () => {
    const { handle, id } = await begin()
    await saveTransaction(db, org, id, 1, { state: { step: 'challenge' } })
    expect(await saveTransaction(db, org, id, 1, { state: { step: 'identify' } })).toBe(false)
    expect(await find(handle)).toMatchObject({ version: 2, state: { step: 'challenge' } })
  })

  test('are moved by exactly one of fifty who answer at once', async () => {
    const { handle, id } = await begin()
    const moves = Array.from({ length: 50 }, (_, tries) =>
      saveTransaction(db, org, id, 1, { state: { step: 'challenge', tries } }),
    )
    const moved = await Promise.all(moves)
    expect(moved.filter(Boolean)).toHaveLength(1)
    expect(await find(handle)).toMatchObject({ version: 2, state: { tries: moved.indexOf(true) } })
  })

  test('are ended once, and not changed after that', async () => {
    const { handle, id } = await begin()
    expect(await removeTransaction(db, org, id)).toBe(true)
    expect(await removeTransaction(db, org, id)).toBe(false)
    expect(await saveTransaction(db, org, id, 1, { state: { step: 'again' } })).toBe(false)
    expect(await find(handle)).toBeUndefined()
  })

  test('that ran out of time are removed', async () => {
    await removeExpiredTransactions(db, testTime + 100_000)
    const over = await begin({ step: 'identify' }, testTime + 5)
    const running = await begin({ step: 'identify' }, testTime + 6)
    expect(await removeExpiredTransactions(db, testTime + 5)).toBe(1)
    expect(await find(over.handle)).toBeUndefined()
    expect(await find(running.handle)).toBeDefined()
  })

  test('of one org cannot be found, changed or ended from another', async () => {
    const { handle, id, transaction } = await begin()
    const other = await makeOrg(db)
    expect(await findTransaction(db, other, handle, testTime)).toBeUndefined()
    expect(await saveTransaction(db, other, id, 1, { state: { step: 'stolen' } })).toBe(false)
    expect(await removeTransaction(db, other, id)).toBe(false)
    expect(await find(handle)).toEqual(transaction)
  })
})
