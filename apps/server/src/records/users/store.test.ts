import { beforeAll, describe, expect, test } from 'vitest'
import { type Database, inTransaction } from '../../platform/database/index.ts'
import { describeEachDatabase } from '../../platform/database/testing.ts'
import { newDirectoryId, saveDirectory } from '../directories/index.ts'
import { testTime } from '../orgs/testing.ts'
import {
  deleteUser,
  findUser,
  findUserByIdentifier,
  getUser,
  insertUser,
  listUsers,
  saveLastLogin,
  savePasskeySnooze,
  setUserStatus,
  updateUser,
} from './store.ts'
import { makeDirectory, makeUser } from './testing.ts'
import { newUserId, type UserPatch } from './user.ts'

const later = testTime + 1000

describeEachDatabase('Users', (open) => {
  let db: Database
  beforeAll(async () => {
    db = await open()
  })

  test('are kept with their profile and found by id and by login, however it is written', async () => {
    const place = await makeDirectory(db)
    const profile = { login: 'Ada@Example.com', email: 'ada@example.com', firstName: 'Ada', tags: ['a', 'b'], age: 36 }
    const user = await makeUser(db, place, 'Ada@Example.com', { profile })
    expect(await findUser(db, place.org, user.id)).toEqual({
      id: user.id,
      directoryId: place.directoryId,
      status: 'active',
      login: 'Ada@Example.com',
      profile,
      createdAt: testTime,
      activatedAt: testTime,
      statusChangedAt: testTime,
      updatedAt: testTime,
      lastLoginAt: null,
      passkeySnoozedUntil: null,
    })
    for (const text of ['ada@example.com', ' ADA@EXAMPLE.COM ', 'ａda@example.com'])
      expect((await findUserByIdentifier(db, place.org, place.directoryId, text))?.id).toBe(user.id)
  })

  test.each(['nobody', '', 'a\0b', 'x'.repeat(300)])('are not found by %j', async (text) => {
    const place = await makeDirectory(db)
    await makeUser(db, place)
    expect(await findUserByIdentifier(db, place.org, place.directoryId, text)).toBeUndefined()
  })

  test('keep an id that was chosen for them, which nobody else can take', async () => {
    const place = await makeDirectory(db)
    const id = newUserId()
    expect((await makeUser(db, place, 'ada', { id })).id).toBe(id)
    await expect(makeUser(db, place, 'bob', { id })).rejects.toMatchObject({ code: 'user_exists' })
    expect((await getUser(db, place.org, id)).login).toBe('ada')
  })

  test('that are not there are not got, changed or deleted', async () => {
    const { org } = await makeDirectory(db)
    const gone = { code: 'user_not_found' }
    await expect(getUser(db, org, newUserId())).rejects.toMatchObject(gone)
    const patch: UserPatch = { profile: {} }
    await expect(inTransaction(db, (tx) => updateUser(tx, org, newUserId(), patch, later))).rejects.toMatchObject(gone)
    await expect(
      inTransaction(db, (tx) => setUserStatus(tx, org, newUserId(), 'suspended', later)),
    ).rejects.toMatchObject(gone)
    expect(await inTransaction(db, (tx) => deleteUser(tx, org, newUserId()))).toBe(false)
  })

  describe('with a login', () => {
    test('that differs only in case are refused, and nothing of them is kept', async () => {
      const place = await makeDirectory(db)
      await makeUser(db, place, 'ada@example.com')
      await expect(makeUser(db, place, 'ADA@example.com')).rejects.toMatchObject({ code: 'login_taken' })
      expect(await listUsers(db, place.org, { limit: 10 })).toHaveLength(1)
    })

    test('that 20 ask for at once get it once', async () => {
      const place = await makeDirectory(db)
      const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => makeUser(db, place, 'wanted')))
      const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
      expect(refused).toHaveLength(19)
      expect(refused.every(({ reason }) => reason.code === 'login_taken')).toBe(true)
    })

    test('may share it across directories', async () => {
      const place = await makeDirectory(db)
      const second = newDirectoryId()
      await inTransaction(db, (tx) => saveDirectory(tx, place.org, { id: second, name: 'Second' }, testTime))
      const one = await makeUser(db, place, 'ada')
      const other = await makeUser(db, { ...place, directoryId: second }, 'ada')
      expect((await findUserByIdentifier(db, place.org, place.directoryId, 'ada'))?.id).toBe(one.id)
      expect((await findUserByIdentifier(db, place.org, second, 'ada'))?.id).toBe(other.id)
    })

    test('that cannot be one are refused', async () => {
      const place = await makeDirectory(db)
      await expect(makeUser(db, place, 'a\u200Bda')).rejects.toMatchObject({ code: 'identifier_invalid' })
    })
  })

  describe('that are changed', () => {
    const update = (
      place: Awaited<ReturnType<typeof makeDirectory>>,
      id: ReturnType<typeof newUserId>,
      patch: UserPatch,
    ) => inTransaction(db, (tx) => updateUser(tx, place.org, id, patch, later))

    test('keep what the patch does not name and lose what it gives as null, but never login and e-mail', async () => {
      const place = await makeDirectory(db)
      const profile = { login: 'ada', email: 'ada@example.com', firstName: 'Ada', lastName: 'King' }
      const { id } = await makeUser(db, place, 'ada', { profile })
      const changed = await update(place, id, { profile: { lastName: 'Lovelace', firstName: null, email: null } })
      expect(changed.profile).toEqual({ login: 'ada', email: 'ada@example.com', lastName: 'Lovelace' })
      expect(await getUser(db, place.org, id)).toEqual(changed)
      expect(changed.updatedAt).toBe(later)
    })

    test('are found by their new login and no longer by the old one, which is free again', async () => {
      const place = await makeDirectory(db)
      const { id } = await makeUser(db, place, 'ada')
      expect((await update(place, id, { profile: { login: 'countess' } })).login).toBe('countess')
      expect((await findUserByIdentifier(db, place.org, place.directoryId, 'countess'))?.id).toBe(id)
      expect(await findUserByIdentifier(db, place.org, place.directoryId, 'ada')).toBeUndefined()
      expect(await makeUser(db, place, 'ada')).toMatchObject({ login: 'ada' })
    })

    test('may write their own login differently, and cannot take another’s', async () => {
      const place = await makeDirectory(db)
      const { id } = await makeUser(db, place, 'ada')
      await makeUser(db, place, 'bob')
      expect((await update(place, id, { profile: { login: 'ADA' } })).login).toBe('ADA')
      await expect(update(place, id, { profile: { login: 'Bob' } })).rejects.toMatchObject({ code: 'login_taken' })
      expect((await findUserByIdentifier(db, place.org, place.directoryId, 'ada'))?.login).toBe('ADA')
    })

    test('twice at once keep both changes', async () => {
      const place = await makeDirectory(db)
      const { id } = await makeUser(db, place, 'ada')
      const names = Array.from({ length: 10 }, (_, index) => `attribute${index}`)
      await Promise.all(names.map((name) => update(place, id, { profile: { [name]: true } })))
      expect(Object.keys((await getUser(db, place.org, id)).profile)).toEqual(expect.arrayContaining(names))
    })
  })

  test('remember when they were first activated and when their status changed', async () => {
    const place = await makeDirectory(db)
    const { id, activatedAt } = await makeUser(db, place, 'ada', { status: 'staged' })
    expect(activatedAt).toBeNull()
    const set = (status: 'active' | 'suspended', now: number) =>
      inTransaction(db, (tx) => setUserStatus(tx, place.org, id, status, now))
    expect(await set('active', later)).toMatchObject({ status: 'active', activatedAt: later, statusChangedAt: later })
    await set('suspended', later + 1)
    await set('active', later + 2)
    expect(await getUser(db, place.org, id)).toMatchObject({ activatedAt: later, statusChangedAt: later + 2 })
    await inTransaction(db, (tx) => saveLastLogin(tx, place.org, id, later + 3))
    expect(await getUser(db, place.org, id)).toMatchObject({ lastLoginAt: later + 3, updatedAt: later + 2 })
  })

  test('remember until when they do not want to be asked for a passkey', async () => {
    const place = await makeDirectory(db)
    const { id } = await makeUser(db, place, 'ada')
    await inTransaction(db, (tx) => savePasskeySnooze(tx, place.org, id, later))
    expect(await getUser(db, place.org, id)).toMatchObject({ passkeySnoozedUntil: later, updatedAt: testTime })
  })

  test('that are deleted free their login', async () => {
    const place = await makeDirectory(db)
    const { id } = await makeUser(db, place, 'ada')
    expect(await inTransaction(db, (tx) => deleteUser(tx, place.org, id))).toBe(true)
    expect(await findUser(db, place.org, id)).toBeUndefined()
    expect(await makeUser(db, place, 'ada')).toMatchObject({ login: 'ada' })
  })

  test('are listed by (created, id), page by page', async () => {
    const place = await makeDirectory(db)
    for (const [index, at] of [5, 3, 3, 4, 3].entries()) {
      const profile = { login: `user${index}`, email: `user${index}@example.com` }
      const user = { directoryId: place.directoryId, status: 'active', profile } as const
      await inTransaction(db, (tx) => insertUser(tx, place.org, user, testTime + at))
    }
    const all = await listUsers(db, place.org, { limit: 10 })
    expect(all.map(({ createdAt }) => createdAt - testTime)).toEqual([3, 3, 3, 4, 5])
    const pages = []
    for (let page = await listUsers(db, place.org, { limit: 2 }); page.length > 0; ) {
      pages.push(...page)
      const after = page.at(-1)
      page = await listUsers(db, place.org, { limit: 2, ...(after && { after }) })
    }
    expect(pages).toEqual(all)
    expect(await listUsers(db, place.org, { limit: 10, directoryId: newDirectoryId() })).toEqual([])
  })

  test('of one org are neither found, listed, changed nor deleted from another', async () => {
    const [a, b] = [await makeDirectory(db), await makeDirectory(db)]
    const user = await makeUser(db, a, 'ada')
    expect(await findUser(db, b.org, user.id)).toBeUndefined()
    expect(await findUserByIdentifier(db, b.org, a.directoryId, 'ada')).toBeUndefined()
    expect(await listUsers(db, b.org, { limit: 10 })).toEqual([])
    const patch = { profile: { firstName: 'Eve' } }
    await expect(inTransaction(db, (tx) => updateUser(tx, b.org, user.id, patch, later))).rejects.toMatchObject({
      code: 'user_not_found',
    })
    await inTransaction(db, (tx) => saveLastLogin(tx, b.org, user.id, later))
    expect(await inTransaction(db, (tx) => deleteUser(tx, b.org, user.id))).toBe(false)
    expect(await getUser(db, a.org, user.id)).toEqual(user)
    expect(await makeUser(db, b, 'ada', { id: user.id })).toMatchObject({ id: user.id })
  })
})
