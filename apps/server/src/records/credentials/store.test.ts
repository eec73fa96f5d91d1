import { beforeAll, beforeEach, expect, test } from 'vitest'
import { type Database, inTransaction } from '../../platform/database/index.ts'
import { describeEachDatabase } from '../../platform/database/testing.ts'
import type { OrgId } from '../orgs/index.ts'
import { testTime } from '../orgs/testing.ts'
import { deleteUser, type UserId } from '../users/index.ts'
import type { StoredCredential } from './credential.ts'
import {
  countCredentials,
  findCredential,
  insertCredential,
  listCredentials,
  removeCredential,
  renameCredential,
  saveUse,
} from './store.ts'
import { makeCredential, makeOrgWithDirectory, makeUser } from './testing.ts'

describeEachDatabase('Credentials', (open) => {
  let db: Database
  let org: OrgId
  let user: UserId
  beforeAll(async () => {
    db = await open()
  })
  beforeEach(async () => {
    org = await makeOrgWithDirectory(db)
    user = await makeUser(db, org)
  })

  const insert = (credential: StoredCredential, options?: { limit: number }) =>
    inTransaction(db, (tx) => insertCredential(tx, org, credential, options))
  const use = (credential: StoredCredential, at: number, userAgent: string | null = 'Browser/1') =>
    inTransaction(db, (tx) => saveUse(tx, org, credential, { at, userAgent }))
  const find = (credential: StoredCredential) => findCredential(db, org, credential.rpId, credential.id)
  async function inserted(overrides: Partial<StoredCredential> = {}) {
    const credential = makeCredential(user, overrides)
    await insert(credential)
    return credential
  }

  test('come back as they were kept, bytes, flags and lists alike', async () => {
    const full = await inserted({ uvInitialized: true, createdAutomatically: true })
    expect(await find(full)).toEqual(full)
    const { attachment: _, discoverable: __, ...sparse } = makeCredential(user, { transports: [] })
    await insert(sparse)
    const found = await find(sparse)
    expect(found).toEqual(sparse)
    expect(Object.keys(found ?? {})).not.toContain('attachment')
  })

  test('are unique for an org and RP ID, whoever registers them', async () => {
    const credential = await inserted()
    const other = await makeUser(db, org)
    const again = insert({ ...makeCredential(other), id: credential.id })
    await expect(again).rejects.toMatchObject({ code: 'passkey_already_registered' })
    await insert({ ...makeCredential(other), id: credential.id, rpId: 'other.example' })
    expect(await find(credential)).toEqual(credential)
  })

  test('are refused beyond the limit of a user and RP ID, and the refused one is not kept', async () => {
    await inserted()
    const second = makeCredential(user)
    await expect(insert(second, { limit: 1 })).rejects.toMatchObject({
      code: 'passkey_limit_reached',
      details: { limit: 1 },
    })
    expect(await find(second)).toBeUndefined()
    await insert(makeCredential(user, { rpId: 'other.example' }), { limit: 1 })
    expect(await countCredentials(db, org, user)).toBe(2)
    expect(await countCredentials(db, org, user, 'other.example')).toBe(1)
  })

  test('are listed oldest first, of one RP ID when it is named', async () => {
    const late = await inserted({ createdAt: testTime + 2 })
    const early = await inserted({ createdAt: testTime, rpId: 'other.example' })
    const middle = await inserted({ createdAt: testTime + 1 })
    expect((await listCredentials(db, org, user)).map(({ id }) => id)).toEqual([early.id, middle.id, late.id])
    expect((await listCredentials(db, org, user, 'example.com')).map(({ id }) => id)).toEqual([middle.id, late.id])
  })

  test('keep the sign count, the backup state and the time of a use', async () => {
    const credential = await inserted()
    await use({ ...credential, signCount: 6, backupState: true, uvInitialized: true }, testTime + 10)
    expect(await find(credential)).toEqual({
      ...credential,
      signCount: 6,
      backupState: true,
      uvInitialized: true,
      lastUsedAt: testTime + 10,
      lastUsedUserAgent: 'Browser/1',
    })
  })

  test('never lose what a newer use has saved to an older one that is saved later', async () => {
    const credential = await inserted()
    await use({ ...credential, signCount: 9, backupState: true, uvInitialized: true }, testTime + 20, 'Newer')
    await use({ ...credential, signCount: 6, backupState: false, uvInitialized: false }, testTime + 10, 'Older')
    expect(await find(credential)).toMatchObject({
      signCount: 9,
      backupState: true,
      uvInitialized: true,
      lastUsedAt: testTime + 20,
      lastUsedUserAgent: 'Newer',
    })
  })

  test('end with the highest sign count after many uses at once', async () => {
    const credential = await inserted()
    const counts = Array.from({ length: 20 }, (_, index) => 10 + ((index * 7) % 20))
    await Promise.all(counts.map((signCount) => use({ ...credential, signCount }, testTime + signCount)))
    expect(await find(credential)).toMatchObject({ signCount: 29, lastUsedAt: testTime + 29 })
  })

  test('removed while being verified, are not used any more', async () => {
    const credential = await inserted()
    await inTransaction(db, (tx) => removeCredential(tx, org, user, credential.id))
    await expect(use(credential, testTime)).rejects.toMatchObject({ code: 'passkey_not_found' })
  })

  test('are renamed by their owner and nobody else', async () => {
    const credential = await inserted()
    const other = await makeUser(db, org)
    const rename = (by: UserId, name: string) =>
      inTransaction(db, (tx) => renameCredential(tx, org, by, credential.id, name))
    await rename(user, '  Blue  key ')
    expect((await find(credential))?.name).toBe('Blue key')
    await expect(rename(other, 'Mine')).rejects.toMatchObject({ code: 'passkey_not_found' })
    await expect(rename(user, ' ')).rejects.toMatchObject({ code: 'passkey_name_invalid' })
    expect((await find(credential))?.name).toBe('Blue key')
  })

  test('are removed by their owner and nobody else, and given back once', async () => {
    const credential = await inserted()
    const other = await makeUser(db, org)
    const remove = (by: UserId) => inTransaction(db, (tx) => removeCredential(tx, org, by, credential.id))
    expect(await remove(other)).toBeUndefined()
    expect(await remove(user)).toEqual(credential)
    expect(await remove(user)).toBeUndefined()
  })

  test('are used by one and the same statement, whatever was used and when', async () => {
    const credential = await inserted()
    const written: string[] = []
    const watching = db.withPlugin({
      transformQuery({ node }) {
        // What stands in the text instead of being bound to it.
        for (const [, value = ''] of JSON.stringify(node).matchAll(/"value":([^{},]+),"immediate":true/g))
          written.push(value)
        return node
      },
      transformResult: async ({ result }) => result,
    })
    const used = { ...credential, signCount: 12, backupState: false, uvInitialized: false }
    await inTransaction(watching, (tx) => saveUse(tx, org, used, { at: testTime + 34, userAgent: 'Browser/56' }))
    expect(new Set(written)).toEqual(new Set(['null', 'true']))
  })

  test('go with their user', async () => {
    const credential = await inserted()
    await inTransaction(db, (tx) => deleteUser(tx, org, user))
    expect(await find(credential)).toBeUndefined()
  })

  test('of one org cannot be read, counted, used, renamed or removed from another', async () => {
    const credential = await inserted()
    const other = await makeOrgWithDirectory(db)
    expect(await findCredential(db, other, credential.rpId, credential.id)).toBeUndefined()
    expect(await listCredentials(db, other, user)).toEqual([])
    expect(await countCredentials(db, other, user)).toBe(0)
    const foreign = (work: Parameters<typeof inTransaction<unknown>>[1]) => inTransaction<unknown>(db, work)
    await expect(
      foreign((tx) => saveUse(tx, other, { ...credential, signCount: 99 }, { at: testTime, userAgent: null })),
    ).rejects.toMatchObject({ code: 'passkey_not_found' })
    await expect(foreign((tx) => renameCredential(tx, other, user, credential.id, 'Stolen'))).rejects.toMatchObject({
      code: 'passkey_not_found',
    })
    expect(await foreign((tx) => removeCredential(tx, other, user, credential.id))).toBeUndefined()
    expect(await find(credential)).toEqual(credential)
  })
})
