import { beforeAll, describe, expect, test } from 'vitest'
import { type Database, inTransaction } from '../../../platform/database/index.ts'
import { describeEachDatabase } from '../../../platform/database/testing.ts'
import type { OrgId } from '../../orgs/index.ts'
import { testTime } from '../../orgs/testing.ts'
import { deleteUser } from '../store.ts'
import { makeDirectory, makeUser } from '../testing.ts'
import { newUserId, type UserId } from '../user.ts'
import { findVerifiedAddress, listAddresses, removeAddress, saveAddress, verifyAddress } from './store.ts'

describeEachDatabase('Addresses', (open) => {
  let db: Database
  beforeAll(async () => {
    db = await open()
  })
  const save = (org: OrgId, userId: UserId, value: string, isPrimary = true) =>
    inTransaction(db, (tx) => saveAddress(tx, org, { userId, kind: 'email', value, isPrimary }))
  const verify = (org: OrgId, userId: UserId, value: string, now = testTime) =>
    inTransaction(db, (tx) => verifyAddress(tx, org, userId, 'email', value, now))

  test('are unproven until they are verified, and stay proven when saved again', async () => {
    const place = await makeDirectory(db)
    const { id } = await makeUser(db, place)
    await save(place.org, id, ' Ada@Example.com ')
    expect(await listAddresses(db, place.org, id)).toEqual([
      { kind: 'email', value: 'Ada@Example.com', isPrimary: true, verifiedAt: null },
    ])
    expect(await findVerifiedAddress(db, place.org, place.directoryId, 'email', 'ada@example.com')).toBeUndefined()
    await verify(place.org, id, 'ADA@example.com', testTime + 1)
    await verify(place.org, id, 'ada@example.com', testTime + 2)
    await save(place.org, id, 'ada@example.com')
    expect(await listAddresses(db, place.org, id)).toMatchObject([
      { value: 'ada@example.com', verifiedAt: testTime + 1 },
    ])
    expect(await findVerifiedAddress(db, place.org, place.directoryId, 'email', 'Ada@EXAMPLE.com')).toBe(id)
  })

  test('are primary one at a time, the primary one first', async () => {
    const place = await makeDirectory(db)
    const { id } = await makeUser(db, place)
    await save(place.org, id, 'a@example.com')
    await save(place.org, id, 'b@example.com')
    await save(place.org, id, 'c@example.com', false)
    const listed = await listAddresses(db, place.org, id)
    expect(listed.map(({ value, isPrimary }) => [value, isPrimary])).toEqual([
      ['b@example.com', true],
      ['a@example.com', false],
      ['c@example.com', false],
    ])
  })

  describe('of two users', () => {
    test('may be the same unproven, and are proven by one of them', async () => {
      const place = await makeDirectory(db)
      const [one, other] = [await makeUser(db, place, 'one'), await makeUser(db, place, 'other')]
      await save(place.org, one.id, 'shared@example.com')
      await save(place.org, other.id, 'Shared@example.com')
      await verify(place.org, other.id, 'shared@example.com')
      await expect(verify(place.org, one.id, 'shared@example.com')).rejects.toMatchObject({ code: 'address_taken' })
      expect(await findVerifiedAddress(db, place.org, place.directoryId, 'email', 'shared@example.com')).toBe(other.id)
      expect(await listAddresses(db, place.org, one.id)).toMatchObject([{ verifiedAt: null }])
    })

    test('proven at the same time are proven by one', async () => {
      const place = await makeDirectory(db)
      const users = await Promise.all(Array.from({ length: 10 }, (_, index) => makeUser(db, place, `user${index}`)))
      await Promise.all(users.map(({ id }) => save(place.org, id, 'race@example.com')))
      const outcomes = await Promise.allSettled(users.map(({ id }) => verify(place.org, id, 'race@example.com')))
      const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
      expect(refused.map(({ reason }) => reason.code)).toEqual(Array.from({ length: 9 }, () => 'address_taken'))
    })

    test('are free again when they are removed, or their user is deleted', async () => {
      const place = await makeDirectory(db)
      const [one, other] = [await makeUser(db, place, 'one'), await makeUser(db, place, 'other')]
      for (const { id } of [one, other]) await save(place.org, id, 'free@example.com')
      await verify(place.org, one.id, 'free@example.com')
      expect(await inTransaction(db, (tx) => removeAddress(tx, place.org, one.id, 'email', 'FREE@example.com'))).toBe(
        true,
      )
      await verify(place.org, other.id, 'free@example.com')
      await inTransaction(db, (tx) => deleteUser(tx, place.org, other.id))
      expect(await findVerifiedAddress(db, place.org, place.directoryId, 'email', 'free@example.com')).toBeUndefined()
    })
  })

  test('cannot be saved for a user who does not exist, nor when they are none', async () => {
    const place = await makeDirectory(db)
    const { id } = await makeUser(db, place)
    await expect(save(place.org, newUserId(), 'ada@example.com')).rejects.toMatchObject({ code: 'user_not_found' })
    await expect(save(place.org, id, 'no address')).rejects.toMatchObject({ code: 'identifier_invalid' })
    await expect(verify(place.org, id, 'other@example.com')).rejects.toMatchObject({ code: 'address_not_found' })
    expect(await findVerifiedAddress(db, place.org, place.directoryId, 'email', 'no address')).toBeUndefined()
    expect(await inTransaction(db, (tx) => removeAddress(tx, place.org, id, 'email', 'no address'))).toBe(false)
  })

  test('of one org are neither found, listed, proven nor removed from another', async () => {
    const [a, b] = [await makeDirectory(db), await makeDirectory(db)]
    const { id } = await makeUser(db, a)
    await save(a.org, id, 'ada@example.com')
    await expect(verify(b.org, id, 'ada@example.com')).rejects.toMatchObject({ code: 'address_not_found' })
    await verify(a.org, id, 'ada@example.com')
    expect(await listAddresses(db, b.org, id)).toEqual([])
    expect(await findVerifiedAddress(db, b.org, a.directoryId, 'email', 'ada@example.com')).toBeUndefined()
    expect(await inTransaction(db, (tx) => removeAddress(tx, b.org, id, 'email', 'ada@example.com'))).toBe(false)
    await expect(save(b.org, id, 'eve@example.com')).rejects.toMatchObject({ code: 'user_not_found' })
    expect(await listAddresses(db, a.org, id)).toHaveLength(1)
  })
})
