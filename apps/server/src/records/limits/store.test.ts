import { beforeAll, expect, test } from 'vitest'
import { minute } from '../../platform/clock.ts'
import { closeDatabase, type Database, openDatabase } from '../../platform/database/index.ts'
import { describeEachDatabase } from '../../platform/database/testing.ts'
import { makeOrg, testTime } from '../orgs/testing.ts'
import { forgetAttempts, removeExpiredLimits, takeAttempt, takeAttempts } from './store.ts'

const threeAMinute = { limit: 3, windowMs: minute }

describeEachDatabase('Attempt limits', (open, database) => {
  let db: Database
  beforeAll(async () => {
    db = await open()
  })

  test('allow as many attempts as the limit says, then tell when to come back', async () => {
    const org = await makeOrg(db)
    const outcomes = []
    for (let second = 0; second < 5; second += 1)
      outcomes.push(await takeAttempt(db, org, 'code', threeAMinute, testTime + second * 1000))
    expect(outcomes).toEqual([
      { allowed: true, retryAfterMs: 0, remaining: 2 },
      { allowed: true, retryAfterMs: 0, remaining: 1 },
      { allowed: true, retryAfterMs: 0, remaining: 0 },
      { allowed: false, retryAfterMs: 57_000, remaining: 0 },
      { allowed: false, retryAfterMs: 56_000, remaining: 0 },
    ])
  })

  test('begin anew when the window ends, however often somebody tried while refused', async () => {
    const org = await makeOrg(db)
    for (let count = 0; count < 10; count += 1) await takeAttempt(db, org, 'code', threeAMinute, testTime + count)
    const before = await takeAttempt(db, org, 'code', threeAMinute, testTime + minute - 1)
    const after = await takeAttempt(db, org, 'code', threeAMinute, testTime + minute)
    expect(before).toEqual({ allowed: false, retryAfterMs: 1, remaining: 0 })
    expect(after).toEqual({ allowed: true, retryAfterMs: 0, remaining: 2 })
    expect((await takeAttempt(db, org, 'code', threeAMinute, testTime + minute + 1)).remaining).toBe(1)
  })

  test('agree across processes: of 50 attempts at once, as many are allowed as the limit says', async () => {
    const address = await database.create()
    const processes = await Promise.all([openDatabase(address), openDatabase(address)])
    try {
      const org = await makeOrg(processes[0])
      const attempts = Array.from({ length: 25 }, () => processes).flat()
      const outcomes = await Promise.all(
        attempts.map((process) => takeAttempt(process, org, 'code', { limit: 7, windowMs: minute }, testTime)),
      )
      expect(outcomes.filter(({ allowed }) => allowed)).toHaveLength(7)
      expect(new Set(outcomes.filter(({ allowed }) => allowed).map(({ remaining }) => remaining)).size).toBe(7)
    } finally {
      await Promise.all(processes.map(closeDatabase))
    }
  })

  test('under several keys stop at the first refusal and spare the keys after it', async () => {
    const org = await makeOrg(db)
    const keys = [
      { key: 'ip', limit: 1, windowMs: minute },
      { key: 'victim', limit: 5, windowMs: minute },
    ]
    expect(await takeAttempts(db, org, keys, testTime)).toMatchObject({ allowed: true, key: 'ip', remaining: 0 })
    for (let count = 0; count < 9; count += 1)
      expect(await takeAttempts(db, org, keys, testTime)).toMatchObject({ allowed: false, key: 'ip' })
    expect(await takeAttempt(db, org, 'victim', { limit: 5, windowMs: minute }, testTime)).toMatchObject({
      remaining: 3,
    })
  })

  test('are forgotten when told so, and only those named', async () => {
    const org = await makeOrg(db)
    for (const key of ['a', 'b']) await takeAttempt(db, org, key, threeAMinute, testTime)
    await forgetAttempts(db, org, ['a'])
    await forgetAttempts(db, org, [])
    expect(await takeAttempt(db, org, 'a', threeAMinute, testTime)).toMatchObject({ remaining: 2 })
    expect(await takeAttempt(db, org, 'b', threeAMinute, testTime)).toMatchObject({ remaining: 1 })
  })

  test('of one org are neither counted, forgotten nor used up by another', async () => {
    const [a, b] = [await makeOrg(db), await makeOrg(db)]
    for (let count = 0; count < 4; count += 1) await takeAttempt(db, a, 'code', threeAMinute, testTime)
    expect(await takeAttempt(db, b, 'code', threeAMinute, testTime)).toMatchObject({ allowed: true, remaining: 2 })
    await forgetAttempts(db, b, ['code'])
    expect(await takeAttempt(db, a, 'code', threeAMinute, testTime)).toMatchObject({ allowed: false })
  })

  test('are removed once their window has ended, not before', async () => {
    const own = await open()
    const org = await makeOrg(own)
    await takeAttempt(own, org, 'early', { limit: 3, windowMs: 10 }, testTime)
    await takeAttempt(own, org, 'late', { limit: 3, windowMs: 20 }, testTime)
    expect(await removeExpiredLimits(own, testTime + 10)).toBe(1)
    expect(await takeAttempt(own, org, 'late', threeAMinute, testTime + 10)).toMatchObject({ remaining: 1 })
  })
})
