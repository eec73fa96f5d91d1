import { beforeAll, describe, expect, test } from 'vitest'
import { type Database, inTransaction } from '../../platform/database/index.ts'
import { describeEachDatabase } from '../../platform/database/testing.ts'
import { getOrg, type OrgId } from '../orgs/index.ts'
import { makeOrg, testTime } from '../orgs/testing.ts'
import { type DirectoryInput, newDirectoryId } from './directory.ts'
import { findDirectory, getDefaultDirectory, listDirectories, saveDirectory } from './store.ts'

describeEachDatabase('Directories', (open) => {
  let db: Database
  beforeAll(async () => {
    db = await open()
  })
  const save = (org: OrgId, input: DirectoryInput, now = testTime) =>
    inTransaction(db, (tx) => saveDirectory(tx, org, input, now))

  test('answer uniformly unless told otherwise; the first one is the default', async () => {
    const org = await makeOrg(db)
    const id = newDirectoryId()
    expect(await save(org, { id, name: 'People' })).toBe(true)
    const expected = { id, name: 'People', isDefault: true, settings: { uniformAnswers: true }, createdAt: testTime }
    expect(await findDirectory(db, org, id)).toEqual(expected)
    expect(await getDefaultDirectory(db, org)).toEqual(expected)
  })

  test('saved again unchanged, stay as they are and leave the org’s version alone', async () => {
    const org = await makeOrg(db)
    const input = { id: newDirectoryId(), name: 'People', settings: { uniformAnswers: false } }
    await save(org, input)
    const { version } = await getOrg(db, org)
    expect(await save(org, input)).toBe(false)
    expect(await save(org, { id: input.id, name: 'People' })).toBe(false)
    expect((await getOrg(db, org)).version).toBe(version)
  })

  test('that are changed raise the org’s version', async () => {
    const org = await makeOrg(db)
    const id = newDirectoryId()
    await save(org, { id, name: 'People' })
    const { version } = await getOrg(db, org)
    expect(await save(org, { id, name: 'Staff' }, testTime + 1)).toBe(true)
    expect(await findDirectory(db, org, id)).toMatchObject({ name: 'Staff', createdAt: testTime })
    expect((await getOrg(db, org)).version).toBe(version + 1)
  })

  test('pass the default on, and an org always has one', async () => {
    const org = await makeOrg(db)
    const [first, second] = [newDirectoryId(), newDirectoryId()]
    await save(org, { id: first, name: 'First' })
    await save(org, { id: second, name: 'Second' }, testTime + 1)
    expect((await getDefaultDirectory(db, org)).id).toBe(first)
    await save(org, { id: second, name: 'Second', isDefault: true })
    await save(org, { id: second, name: 'Second', isDefault: false })
    expect((await listDirectories(db, org)).map(({ id, isDefault }) => [id, isDefault])).toEqual([
      [first, false],
      [second, true],
    ])
  })

  describe('of one org', () => {
    test('are neither found, listed, counted nor changed from another', async () => {
      const [a, b] = [await makeOrg(db), await makeOrg(db)]
      const id = newDirectoryId()
      await save(a, { id, name: 'Of A' })
      expect(await findDirectory(db, b, id)).toBeUndefined()
      expect(await listDirectories(db, b)).toEqual([])
      await expect(getDefaultDirectory(db, b)).rejects.toMatchObject({ code: 'default_directory_missing' })
      await save(b, { id, name: 'Of B' })
      expect(await findDirectory(db, a, id)).toMatchObject({ name: 'Of A' })
    })
  })
})
