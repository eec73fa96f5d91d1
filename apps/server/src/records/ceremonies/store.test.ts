import { beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../../platform/database/index.ts'
import { describeEachDatabase } from '../../platform/database/testing.ts'
import { newId } from '../../platform/ids.ts'
import type { OrgId } from '../orgs/index.ts'
import { makeOrg, testTime } from '../orgs/testing.ts'
import type { UserId } from '../users/index.ts'
import { type NewCeremony, removeExpiredCeremonies, saveCeremony, takeCeremony } from './store.ts'

const minimal: NewCeremony = {
  challenge: 'c2l4dGVlbiBieXRlcyBvZiBpdA',
  rpId: 'example.com',
  origins: ['https://login.example.com'],
  userVerification: 'required',
  algorithms: [-7, -8, -257],
  purpose: 'authentication',
  boundTo: 'txn-a',
  userId: null,
  expiresAt: testTime + 1_000,
}

describeEachDatabase('Ceremonies', (open) => {
  let db: Database
  let org: OrgId
  beforeAll(async () => {
    db = await open()
  })
  beforeEach(async () => {
    org = await makeOrg(db)
  })
  const save = (overrides: Partial<NewCeremony> = {}) => saveCeremony(db, org, { ...minimal, ...overrides }, testTime)

  test('come back as they were kept', async () => {
    const sparse = await save()
    expect(await takeCeremony(db, org, 'authentication', sparse.id, 'txn-a', testTime)).toEqual(sparse)
    const full = await save({
      purpose: 'registration',
      userId: newId<UserId>('00u'),
      userHandle: 'dXNlciBoYW5kbGUgMTIz',
      topOrigins: ['https://shop.example'],
      conditional: true,
    })
    expect(await takeCeremony(db, org, 'registration', full.id, 'txn-a', testTime)).toEqual(full)
  })

  test('are taken by exactly one of fifty who answer at once', async () => {
    const { id } = await save()
    const takers = Array.from({ length: 50 }, () => takeCeremony(db, org, 'authentication', id, 'txn-a', testTime))
    const taken = (await Promise.all(takers)).filter((ceremony) => ceremony !== undefined)
    expect(taken).toHaveLength(1)
  })

  test.each([
    ['for another purpose', 'registration', 'txn-a', 0],
    ['through another transaction', 'authentication', 'txn-b', 0],
    ['too late', 'authentication', 'txn-a', 1_000],
  ] as const)('asked for %s, are neither given nor spent', async (_, purpose, boundTo, later) => {
    const ceremony = await save()
    expect(await takeCeremony(db, org, purpose, ceremony.id, boundTo, testTime + later)).toBeUndefined()
    expect(await takeCeremony(db, org, 'authentication', ceremony.id, 'txn-a', testTime + 999)).toEqual(ceremony)
  })

  test('that nobody answered are removed when their time is over', async () => {
    const over = await save({ expiresAt: testTime + 5 })
    const open = await save({ expiresAt: testTime + 6 })
    expect(await removeExpiredCeremonies(db, testTime + 5)).toBe(1)
    expect(await takeCeremony(db, org, 'authentication', over.id, 'txn-a', testTime)).toBeUndefined()
    expect(await takeCeremony(db, org, 'authentication', open.id, 'txn-a', testTime)).toEqual(open)
  })

  test('of one org can be neither taken nor spent from another', async () => {
    const ceremony = await save()
    const other = await makeOrg(db)
    expect(await takeCeremony(db, other, 'authentication', ceremony.id, 'txn-a', testTime)).toBeUndefined()
    expect(await takeCeremony(db, org, 'authentication', ceremony.id, 'txn-a', testTime)).toEqual(ceremony)
  })
})
