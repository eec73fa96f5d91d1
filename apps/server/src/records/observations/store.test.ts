import { expect, test } from 'vitest'
import { describeEachDatabase } from '../../platform/database/testing.ts'
import { makeOrg, testTime } from '../orgs/testing.ts'
import { countObservations, observe, removeExpiredObservations } from './store.ts'

describeEachDatabase('Observations', (open) => {
  const seen = (name: string, surface: string, at: number) => ({ name, surface, at, details: { a: 1 }, keepForMs: 100 })

  test('are counted by name and surface, since a time, in their own org', async () => {
    const db = await open()
    const [a, b] = [await makeOrg(db), await makeOrg(db)]
    for (const at of [1, 2, 3]) await observe(db, a, seen('prompt.shown', 'hosted', testTime + at))
    await observe(db, a, seen('prompt.shown', 'idx', testTime + 3))
    await observe(db, a, seen('ceremony.started', 'hosted', testTime + 3))
    await observe(db, b, seen('prompt.shown', 'hosted', testTime + 3))
    expect(await countObservations(db, a, { since: testTime + 2 })).toEqual([
      { name: 'ceremony.started', surface: 'hosted', count: 1 },
      { name: 'prompt.shown', surface: 'hosted', count: 2 },
      { name: 'prompt.shown', surface: 'idx', count: 1 },
    ])
    expect(await countObservations(db, b, { since: 0 })).toEqual([
      { name: 'prompt.shown', surface: 'hosted', count: 1 },
    ])
  })

  test('are removed when their time is up, not before', async () => {
    const db = await open()
    const org = await makeOrg(db)
    await observe(db, org, seen('prompt.shown', 'hosted', testTime))
    await observe(db, org, seen('prompt.shown', 'hosted', testTime + 1))
    expect(await removeExpiredObservations(db, testTime + 100)).toBe(1)
    expect(await countObservations(db, org, { since: 0 })).toMatchObject([{ count: 1 }])
  })
})
