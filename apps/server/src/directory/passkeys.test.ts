import { createAuthenticator } from '@latchkey/webauthn/testing'
import { expect, test } from 'vitest'
import { inTransaction } from '../platform/database/index.ts'
import { listCredentials } from '../records/credentials/index.ts'
import { describeEachHouse } from '../testing/each-database.ts'
import { givePasskey, type PersonInput, snapshot } from '../testing/index.ts'
import { removePasskey, renamePasskey } from './index.ts'

describeEachHouse('What can happen to a passkey', (house) => {
  const setUp = async (input: PersonInput = {}) => {
    const org = await house().newOrg()
    const person = await org.person({ passkey: true, ...input })
    const [held] = person.authenticator.credentials()
    const { db, vault, now } = house().ground
    const change = async () => ({ vault, org: await org.current(), userId: person.id, at: now() })
    const remove = async (id = held?.id ?? '') => {
      const about = await change()
      return await inTransaction(db, (tx) => removePasskey(tx, about, id), { isolation: 'serializable' })
    }
    return { org, person, id: held?.id ?? '', change, remove }
  }

  test('removed, as it was, with its event and a word to its owner', async () => {
    const { org, person, id, remove } = await setUp()
    expect(await remove()).toMatchObject({ id, userId: person.id })
    expect(await org.events({ types: ['passkey.removed'] })).toMatchObject([{ details: { credentialId: id } }])
    expect((await org.mail(person.email)).map(({ subject }) => subject)).toContainEqual(
      expect.stringContaining('removed'),
    )
  })

  test.each([
    ['nothing', { isEmailVerified: false }, 'last_way_to_sign_in'],
    ['a proven address', { isEmailVerified: true }, undefined],
    ['a password', { isEmailVerified: false, password: 'a long enough password' }, undefined],
  ])('removed, or not, where there is %s beside it', async (_beside, input, code) => {
    const { remove, org, person } = await setUp(input)
    const before = await snapshot(house().ground.db, [])
    if (code === undefined) await expect(remove()).resolves.toBeDefined()
    else {
      await expect(remove()).rejects.toMatchObject({ code, status: 409 })
      expect(await snapshot(house().ground.db, [])).toEqual(before)
    }
    expect(await listCredentials(house().ground.db, org.id, person.id)).toHaveLength(code === undefined ? 0 : 1)
  })

  test('removed, but not both of two that are the only ways in, not even at once', async () => {
    const { org, person, id, remove } = await setUp({ isEmailVerified: false })
    const second = createAuthenticator()
    await givePasskey(org, person.id, second)
    const other = second.credentials()[0]?.id ?? ''
    const results = await Promise.allSettled([remove(id), remove(other)])
    const left = await listCredentials(house().ground.db, org.id, person.id)
    expect(left).toHaveLength(1)
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test("renamed, recorded, and out of others' reach", async () => {
    const { org, id, change } = await setUp()
    const { db } = house().ground
    const about = await change()
    await inTransaction(db, (tx) => renamePasskey(tx, about, id, 'Blue key'))
    expect(await org.events({ types: ['passkey.renamed'] })).toMatchObject([{ details: { credentialId: id } }])
    const stranger = { ...about, userId: (await org.person()).id }
    const renaming = inTransaction(db, (tx) => renamePasskey(tx, stranger, id, 'Mine'))
    await expect(renaming).rejects.toMatchObject({ code: 'passkey_not_found', status: 404 })
  })
})
