import { beforeAll, beforeEach, expect, test } from 'vitest'
import { type Database, inTransaction } from '../../platform/database/index.ts'
import { describeEachDatabase } from '../../platform/database/testing.ts'
import { getOrg, type OrgId } from '../orgs/index.ts'
import { makeOrg, testTime as t0 } from '../orgs/testing.ts'
import {
  deleteTrustedOrigin,
  findTrustedOrigin,
  listTrustedOrigins,
  saveTrustedOrigin,
  type TrustedOriginInput,
} from './store.ts'

const shop: TrustedOriginInput = { name: 'Shop', origin: 'https://Shop.example:443/', scopes: ['REDIRECT', 'CORS'] }

describeEachDatabase('Trusted origins', (open) => {
  let db: Database
  let org: OrgId
  beforeAll(async () => {
    db = await open()
  })
  beforeEach(async () => {
    org = await makeOrg(db)
  })
  const save = (input: TrustedOriginInput, now = t0) =>
    inTransaction(db, (tx) => saveTrustedOrigin(tx, org, input, now))
  const version = async () => (await getOrg(db, org)).version

  test('are kept as browsers write them, and found however they are written', async () => {
    const { outcome, trustedOrigin } = await save(shop)
    expect(outcome).toBe('created')
    expect(trustedOrigin).toEqual({
      id: trustedOrigin.id,
      name: 'Shop',
      origin: 'https://shop.example',
      scopes: ['CORS', 'REDIRECT'],
      createdAt: t0,
      updatedAt: t0,
    })
    expect(trustedOrigin.id).toMatch(/^tos[0-9A-Za-z]{17}$/)
    expect(await findTrustedOrigin(db, org, 'https://shop.example')).toEqual(trustedOrigin)
    expect(await findTrustedOrigin(db, org, 'https://SHOP.example:443')).toEqual(trustedOrigin)
    for (const other of ['https://evil.example', 'http://shop.example', 'https://shop.example:8443', 'null', '*', ''])
      expect(await findTrustedOrigin(db, org, other)).toBeUndefined()
  })

  test('are one for each origin: saved again, the row is changed', async () => {
    const { trustedOrigin } = await save(shop)
    const before = await version()
    const saved = await save({ name: 'Store', origin: 'https://shop.example', scopes: ['CORS'] }, t0 + 5)
    const changed = { ...trustedOrigin, name: 'Store', scopes: ['CORS'], updatedAt: t0 + 5 }
    expect(saved).toEqual({ outcome: 'updated', trustedOrigin: changed })
    expect(await listTrustedOrigins(db, org)).toEqual([changed])
    expect(await version()).toBe(before + 1)
  })

  test('saved again unchanged, stay as they are, version of the org included', async () => {
    const { trustedOrigin } = await save(shop)
    const before = await version()
    const again = await save({ ...shop, scopes: ['CORS', 'REDIRECT', 'CORS'] }, t0 + 5)
    expect(again).toEqual({ outcome: 'unchanged', trustedOrigin })
    expect(await version()).toBe(before)
  })

  test.each(['null', '*', 'https://shop.example/path', 'shop.example'])('are not %s', async (origin) => {
    await expect(save({ ...shop, origin })).rejects.toMatchObject({ code: 'origin_invalid', details: { origin } })
    expect(await listTrustedOrigins(db, org)).toEqual([])
  })

  test('are listed oldest first', async () => {
    const second = await save(shop, t0 + 1)
    const first = await save({ ...shop, origin: 'https://first.example' }, t0)
    expect(await listTrustedOrigins(db, org)).toEqual([first.trustedOrigin, second.trustedOrigin])
  })

  test('are deleted once', async () => {
    const { trustedOrigin } = await save(shop)
    const before = await version()
    const remove = () => inTransaction(db, (tx) => deleteTrustedOrigin(tx, org, trustedOrigin.id))
    expect(await remove()).toBe(true)
    expect(await remove()).toBe(false)
    expect(await findTrustedOrigin(db, org, shop.origin)).toBeUndefined()
    expect(await version()).toBe(before + 1)
  })

  test('of one org can be neither found, listed, changed nor deleted from another', async () => {
    const { trustedOrigin } = await save(shop)
    const other = await makeOrg(db)
    expect(await findTrustedOrigin(db, other, shop.origin)).toBeUndefined()
    expect(await listTrustedOrigins(db, other)).toEqual([])
    expect(await inTransaction(db, (tx) => deleteTrustedOrigin(tx, other, trustedOrigin.id))).toBe(false)
    const theirs = await inTransaction(db, (tx) => saveTrustedOrigin(tx, other, { ...shop, name: 'Theirs' }, t0))
    expect(theirs.outcome).toBe('created')
    expect(await listTrustedOrigins(db, org)).toEqual([trustedOrigin])
  })
})
