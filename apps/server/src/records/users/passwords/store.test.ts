import { expect, test } from 'vitest'
import { inTransaction } from '../../../platform/database/index.ts'
import { describeEachDatabase } from '../../../platform/database/testing.ts'
import { testTime } from '../../orgs/testing.ts'
import { deleteUser } from '../store.ts'
import { makeDirectory, makeUser } from '../testing.ts'
import { findPasswordHash, removePassword, savePasswordHash } from './store.ts'

describeEachDatabase('Passwords', (open) => {
  test('are replaced, removed, and gone with their user', async () => {
    const db = await open()
    const place = await makeDirectory(db)
    const { id } = await makeUser(db, place)
    const save = (hash: string) => inTransaction(db, (tx) => savePasswordHash(tx, place.org, id, hash, testTime))
    expect(await findPasswordHash(db, place.org, id)).toBeUndefined()
    await save('first')
    await save('second')
    expect(await findPasswordHash(db, place.org, id)).toBe('second')
    const remove = () => inTransaction(db, (tx) => removePassword(tx, place.org, id))
    expect([await remove(), await remove()]).toEqual([true, false])
    await save('third')
    await inTransaction(db, (tx) => deleteUser(tx, place.org, id))
    expect(await findPasswordHash(db, place.org, id)).toBeUndefined()
  })

  test('of one org are neither found, set nor removed from another', async () => {
    const db = await open()
    const [a, b] = [await makeDirectory(db), await makeDirectory(db)]
    const { id } = await makeUser(db, a)
    await inTransaction(db, (tx) => savePasswordHash(tx, a.org, id, 'of a', testTime))
    expect(await findPasswordHash(db, b.org, id)).toBeUndefined()
    expect(await inTransaction(db, (tx) => removePassword(tx, b.org, id))).toBe(false)
    await expect(inTransaction(db, (tx) => savePasswordHash(tx, b.org, id, 'of b', testTime))).rejects.toThrow(
      /foreign key/i,
    )
    expect(await findPasswordHash(db, a.org, id)).toBe('of a')
  })
})
