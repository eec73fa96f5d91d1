import { expect, test } from 'vitest'
import { inTransaction } from '../../../platform/database/index.ts'
import { describeEachDatabase } from '../../../platform/database/testing.ts'
import { testTime } from '../../orgs/testing.ts'
import { makeDirectory, makeUser } from '../testing.ts'
import { addRole, hasUserWithRole, listRoles, removeRole } from './store.ts'

describeEachDatabase('Roles', (open) => {
  test('are given once and taken once', async () => {
    const db = await open()
    const place = await makeDirectory(db)
    const { id } = await makeUser(db, place)
    const add = () => inTransaction(db, (tx) => addRole(tx, place.org, id, 'admin', testTime))
    const remove = () => inTransaction(db, (tx) => removeRole(tx, place.org, id, 'admin'))
    expect(await hasUserWithRole(db, place.org, 'admin')).toBe(false)
    expect([await add(), await add()]).toEqual([true, false])
    expect(await listRoles(db, place.org, id)).toEqual(['admin'])
    expect(await hasUserWithRole(db, place.org, 'admin')).toBe(true)
    expect([await remove(), await remove()]).toEqual([true, false])
    expect(await hasUserWithRole(db, place.org, 'admin')).toBe(false)
  })

  test('in one org say nothing in another', async () => {
    const db = await open()
    const [a, b] = [await makeDirectory(db), await makeDirectory(db)]
    const { id } = await makeUser(db, a)
    await inTransaction(db, (tx) => addRole(tx, a.org, id, 'admin', testTime))
    expect(await listRoles(db, b.org, id)).toEqual([])
    expect(await hasUserWithRole(db, b.org, 'admin')).toBe(false)
    expect(await inTransaction(db, (tx) => removeRole(tx, b.org, id, 'admin'))).toBe(false)
    expect(await hasUserWithRole(db, a.org, 'admin')).toBe(true)
  })
})
