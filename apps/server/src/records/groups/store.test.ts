import { beforeAll, describe, expect, test } from 'vitest'
import { type Database, inTransaction } from '../../platform/database/index.ts'
import { describeEachDatabase } from '../../platform/database/testing.ts'
import type { OrgId } from '../orgs/index.ts'
import { testTime } from '../orgs/testing.ts'
import { deleteUser, newUserId, type UserId } from '../users/index.ts'
import { makeDirectory, makeUser } from '../users/testing.ts'
import { everyone, type GroupId, type GroupInput, newGroupId } from './group.ts'
import {
  addMember,
  deleteGroup,
  ensureBuiltinGroups,
  findGroup,
  findGroupByName,
  listGroups,
  listGroupsOfUser,
  listMembers,
  removeMember,
  saveGroup,
} from './store.ts'

describeEachDatabase('Groups', (open) => {
  let db: Database
  beforeAll(async () => {
    db = await open()
  })
  const makePlace = async () => {
    const place = await makeDirectory(db)
    await inTransaction(db, (tx) => ensureBuiltinGroups(tx, place.org, testTime))
    return place
  }
  const save = (org: OrgId, input: GroupInput, now = testTime) =>
    inTransaction(db, (tx) => saveGroup(tx, org, input, now))
  const make = async (org: OrgId, name: string) => {
    const id = newGroupId()
    await save(org, { id, name })
    return id
  }
  const add = (org: OrgId, group: GroupId, user: UserId, now = testTime) =>
    inTransaction(db, (tx) => addMember(tx, org, group, user, now))
  const remove = (org: OrgId, group: GroupId, user: UserId) =>
    inTransaction(db, (tx) => removeMember(tx, org, group, user))
  const names = async (org: OrgId, user: UserId) => (await listGroupsOfUser(db, org, user)).map(({ name }) => name)

  test('are kept, found by id and name, and changed only where something changes', async () => {
    const { org } = await makePlace()
    const id = newGroupId()
    expect(await save(org, { id, name: 'Staff', description: 'Who works here' })).toBe(true)
    expect(await save(org, { id, name: 'Staff' }, testTime + 1)).toBe(false)
    const kept = { id, name: 'Staff', description: 'Who works here', kind: 'custom', createdAt: testTime }
    expect(await findGroup(db, org, id)).toEqual({ ...kept, updatedAt: testTime })
    expect(await save(org, { id, name: 'Staff', description: null }, testTime + 2)).toBe(true)
    expect(await findGroupByName(db, org, 'Staff')).toEqual({ ...kept, description: null, updatedAt: testTime + 2 })
    expect(await findGroupByName(db, org, 'staff')).toBeUndefined()
  })

  test('have a name of their own, Everyone’s included', async () => {
    const { org } = await makePlace()
    await make(org, 'Staff')
    const other = await make(org, 'Other')
    await expect(make(org, 'Staff')).rejects.toMatchObject({ code: 'group_name_taken' })
    await expect(make(org, everyone)).rejects.toMatchObject({ code: 'group_name_taken' })
    await expect(save(org, { id: other, name: 'Staff' })).rejects.toMatchObject({ code: 'group_name_taken' })
  })

  test('of the same name asked for at once are made once', async () => {
    const { org } = await makePlace()
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => make(org, 'Wanted')))
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(refused.map(({ reason }) => reason.code)).toEqual(Array.from({ length: 9 }, () => 'group_name_taken'))
  })

  test('are listed by (created, id), page by page', async () => {
    const { org } = await makeDirectory(db)
    for (const [index, at] of [2, 1, 2, 1].entries()) {
      await save(org, { id: newGroupId(), name: `Group ${index}` }, testTime + at)
    }
    const all = await listGroups(db, org, { limit: 10 })
    expect(all.map(({ createdAt }) => createdAt - testTime)).toEqual([1, 1, 2, 2])
    const first = await listGroups(db, org, { limit: 3 })
    const after = first.at(-1)
    expect([...first, ...(await listGroups(db, org, { limit: 3, ...(after && { after }) }))]).toEqual(all)
  })

  describe('with members', () => {
    test('add and remove each once', async () => {
      const place = await makePlace()
      const { id } = await makeUser(db, place)
      const staff = await make(place.org, 'Staff')
      expect([await add(place.org, staff, id), await add(place.org, staff, id)]).toEqual([true, false])
      expect(await names(place.org, id)).toEqual([everyone, 'Staff'])
      expect([await remove(place.org, staff, id), await remove(place.org, staff, id)]).toEqual([true, false])
      expect(await names(place.org, id)).toEqual([everyone])
    })

    test('list them in the order in which they came, page by page', async () => {
      const place = await makePlace()
      const staff = await make(place.org, 'Staff')
      for (const [index, at] of [3, 1, 2].entries()) {
        await add(place.org, staff, (await makeUser(db, place, `user${index}`)).id, testTime + at)
      }
      const all = await listMembers(db, place.org, staff, { limit: 10 })
      expect(all.map(({ addedAt }) => addedAt - testTime)).toEqual([1, 2, 3])
      const first = await listMembers(db, place.org, staff, { limit: 2 })
      const after = first.at(-1)
      expect([...first, ...(await listMembers(db, place.org, staff, { limit: 2, ...(after && { after }) }))]).toEqual(
        all,
      )
    })

    test('lose them when they are deleted, on either side', async () => {
      const place = await makePlace()
      const [one, other] = [await makeUser(db, place, 'one'), await makeUser(db, place, 'other')]
      const staff = await make(place.org, 'Staff')
      for (const { id } of [one, other]) await add(place.org, staff, id)
      await inTransaction(db, (tx) => deleteUser(tx, place.org, one.id))
      expect(await listMembers(db, place.org, staff, { limit: 10 })).toEqual([{ userId: other.id, addedAt: testTime }])
      const remove = () => inTransaction(db, (tx) => deleteGroup(tx, place.org, staff))
      expect([await remove(), await remove()]).toEqual([true, false])
      expect(await names(place.org, other.id)).toEqual([everyone])
    })

    test('refuse a user or a group that does not exist', async () => {
      const place = await makePlace()
      const { id } = await makeUser(db, place)
      const staff = await make(place.org, 'Staff')
      await expect(add(place.org, staff, newUserId())).rejects.toMatchObject({ code: 'user_not_found' })
      await expect(add(place.org, newGroupId(), id)).rejects.toMatchObject({ code: 'group_not_found' })
      await expect(remove(place.org, newGroupId(), id)).rejects.toMatchObject({ code: 'group_not_found' })
    })
  })

  describe('Everyone', () => {
    test('is there once, with all users of the org and nobody else', async () => {
      const place = await makePlace()
      await inTransaction(db, (tx) => ensureBuiltinGroups(tx, place.org, testTime + 1))
      const group = await findGroupByName(db, place.org, everyone)
      if (!group) throw new Error('the group was made')
      expect(await listGroups(db, place.org, { limit: 10 })).toEqual([group])
      const users = [await makeUser(db, place, 'one'), await makeUser(db, place, 'other')]
      await makeUser(db, await makePlace(), 'elsewhere')
      const ids = users.map(({ id }) => id).sort()
      const all = await listMembers(db, place.org, group.id, { limit: 10 })
      expect(all).toEqual(ids.map((userId) => ({ userId, addedAt: testTime })))
      const [after] = all
      expect(await listMembers(db, place.org, group.id, { limit: 10, ...(after && { after }) })).toEqual(all.slice(1))
      expect(await names(place.org, newUserId())).toEqual([])
    })

    test('cannot be changed, deleted, joined or left', async () => {
      const place = await makePlace()
      const { id: user } = await makeUser(db, place)
      const id = (await findGroupByName(db, place.org, everyone))?.id ?? newGroupId()
      const builtin = { code: 'group_is_builtin' }
      await expect(save(place.org, { id, name: 'Nobody' })).rejects.toMatchObject(builtin)
      await expect(inTransaction(db, (tx) => deleteGroup(tx, place.org, id))).rejects.toMatchObject(builtin)
      await expect(add(place.org, id, user)).rejects.toMatchObject(builtin)
      await expect(remove(place.org, id, user)).rejects.toMatchObject(builtin)
    })
  })

  test('of one org are neither found, listed, changed nor joined from another', async () => {
    const [a, b] = [await makePlace(), await makePlace()]
    const staff = await make(a.org, 'Staff')
    const [inA, inB] = [await makeUser(db, a), await makeUser(db, b)]
    await add(a.org, staff, inA.id)
    expect(await findGroup(db, b.org, staff)).toBeUndefined()
    expect(await findGroupByName(db, b.org, 'Staff')).toBeUndefined()
    expect((await listGroups(db, b.org, { limit: 10 })).map(({ name }) => name)).toEqual([everyone])
    expect(await listMembers(db, b.org, staff, { limit: 10 })).toEqual([])
    expect(await names(b.org, inA.id)).toEqual([])
    await expect(add(b.org, staff, inB.id)).rejects.toMatchObject({ code: 'group_not_found' })
    await expect(add(a.org, staff, inB.id)).rejects.toMatchObject({ code: 'user_not_found' })
    expect(await inTransaction(db, (tx) => deleteGroup(tx, b.org, staff))).toBe(false)
    await save(b.org, { id: staff, name: 'Of B' })
    expect(await findGroup(db, a.org, staff)).toMatchObject({ name: 'Staff' })
  })
})
