import { expect, test } from 'vitest'
import { inTransaction } from '../platform/database/index.ts'
import { getDefaultDirectory } from '../records/directories/index.ts'
import { findVerifiedAddress, listAddresses, listRoles, saveAddress } from '../records/users/index.ts'
import { describeEachHouse } from '../testing/each-database.ts'
import { snapshot, type TestOrg } from '../testing/index.ts'
import { createUser, notifyUser } from './index.ts'

describeEachHouse('What can happen to a user', (house) => {
  const create = async (org: TestOrg, email: string, input: Partial<Parameters<typeof createUser>[2]> = {}) => {
    const { db, now } = house().ground
    const { id: directoryId } = await getDefaultDirectory(db, org.id)
    const user = { directoryId, status: 'active', profile: { login: email, email }, isEmailVerified: true } as const
    return await inTransaction(db, (tx) => createUser(tx, org.id, { ...user, ...input }, now()))
  }

  test('created, with an address that is proven or not, and recorded', async () => {
    const org = await house().newOrg()
    const { db, now } = house().ground
    const proven = await create(org, 'ada@example.com')
    const claimed = await create(org, 'bob@example.com', { isEmailVerified: false })
    expect(await listAddresses(db, org.id, proven.id)).toMatchObject([{ isPrimary: true, verifiedAt: now() }])
    expect(await listAddresses(db, org.id, claimed.id)).toMatchObject([{ isPrimary: true, verifiedAt: null }])
    expect(await findVerifiedAddress(db, org.id, claimed.directoryId, 'email', 'bob@example.com')).toBeUndefined()
    const events = await org.events({ types: ['user.created'] })
    expect(events.map(({ userId }) => userId).toSorted()).toEqual([proven.id, claimed.id].toSorted())
  })

  test('created as an administrator, which is an event of its own', async () => {
    const org = await house().newOrg()
    const { id } = await create(org, 'root@example.com', { role: 'admin' })
    expect(await listRoles(house().ground.db, org.id, id)).toEqual(['admin'])
    expect(await org.events({ types: ['admin.created'] })).toMatchObject([{ userId: id }])
  })

  test('not created with the login of another, however it is written, and then nothing is left of it', async () => {
    const org = await house().newOrg()
    await create(org, 'ada@example.com')
    const before = await snapshot(house().ground.db, [])
    await expect(create(org, ' ADA@example.com')).rejects.toMatchObject({ code: 'login_taken' })
    expect(await snapshot(house().ground.db, [])).toEqual(before)
  })

  test('not created with an address that another has proven', async () => {
    const org = await house().newOrg()
    await create(org, 'ada@example.com')
    const profile = { login: 'other', email: 'ada@example.com' }
    const before = await snapshot(house().ground.db, [])
    await expect(create(org, 'ada@example.com', { profile })).rejects.toMatchObject({ code: 'address_taken' })
    expect(await snapshot(house().ground.db, [])).toEqual(before)
  })

  test('told by mail, at every address that they have proven and at no other', async () => {
    const org = await house().newOrg()
    const { db, vault, now } = house().ground
    const { id } = await create(org, 'ada@example.com')
    await inTransaction(db, async (tx) => {
      await saveAddress(tx, org.id, { userId: id, kind: 'email', value: 'claimed@example.com', isPrimary: false })
      const notice = { template: 'passkey-added', values: { name: 'Key\r\nBcc: x', org: 'Acme' } } as const
      await notifyUser(tx, vault, org.id, id, notice, now())
    })
    const mails = await org.mail()
    expect(mails.map(({ to }) => to)).toEqual(['ada@example.com'])
    expect(mails[0]?.body).toContain('"Key Bcc: x"')
  })

  test('told nothing of a change that did not happen', async () => {
    const org = await house().newOrg()
    const { db, vault, now } = house().ground
    const { id } = await create(org, 'ada@example.com')
    const change = inTransaction(db, async (tx) => {
      const notice = { template: 'passkey-removed', values: { name: 'Key', org: 'Acme' } } as const
      await notifyUser(tx, vault, org.id, id, notice, now())
      throw new Error('something after it failed')
    })
    await expect(change).rejects.toThrow('something after it failed')
    expect(await org.mail()).toEqual([])
  })
})
