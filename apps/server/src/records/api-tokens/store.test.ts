import { beforeAll, beforeEach, expect, test } from 'vitest'
import { hour, minute } from '../../platform/clock.ts'
import { type Database, inTransaction, type Transaction } from '../../platform/database/index.ts'
import { describeEachDatabase } from '../../platform/database/testing.ts'
import { makeOrgWithDirectory, makeUser } from '../credentials/testing.ts'
import type { OrgId } from '../orgs/index.ts'
import { makeOrg, testTime as t0 } from '../orgs/testing.ts'
import { deleteUser } from '../users/index.ts'
import {
  findApiTokenByValue,
  insertApiToken,
  listApiTokens,
  type NewApiToken,
  revokeApiToken,
  touchApiToken,
} from './store.ts'

describeEachDatabase('API tokens', (open) => {
  let db: Database
  let org: OrgId
  beforeAll(async () => {
    db = await open()
  })
  beforeEach(async () => {
    org = await makeOrgWithDirectory(db)
  })
  const change = <T>(work: (tx: Transaction) => Promise<T>) => inTransaction(db, work)
  const insert = (input: NewApiToken = { name: 'CI' }, now = t0) => change((tx) => insertApiToken(tx, org, input, now))
  const find = (value: string, now = t0) => findApiTokenByValue(db, org, value, now)

  test('are found by their value', async () => {
    const userId = await makeUser(db, org)
    const { apiToken, value } = await insert({ name: 'CI', userId, expiresAt: t0 + hour })
    expect(apiToken).toEqual({
      id: apiToken.id,
      name: 'CI',
      userId,
      createdAt: t0,
      lastUsedAt: null,
      expiresAt: t0 + hour,
    })
    expect(value).toMatch(/^00[A-Za-z0-9_-]{40}$/)
    expect(await find(value)).toEqual(apiToken)
    expect(await find(apiToken.id)).toBeUndefined()
  })

  test('are kept without their value', async () => {
    const { value } = await insert()
    const rows = await db.selectFrom('api_token').selectAll().where('org_id', '=', org).execute()
    expect(rows).toHaveLength(1)
    expect(JSON.stringify(rows)).not.toContain(value)
  })

  test('may have a value that an operator brings, once', async () => {
    const { apiToken, value } = await insert({ name: 'Brought', value: '00brought-by-an-operator' })
    expect(value).toBe('00brought-by-an-operator')
    expect(await find(value)).toEqual(apiToken)
    await expect(insert({ name: 'Again', value })).rejects.toMatchObject({ code: 'api_token_taken' })
    expect(await listApiTokens(db, org)).toEqual([apiToken])
  })

  test('are not found when they have expired, but still listed', async () => {
    const { apiToken, value } = await insert({ name: 'Short', expiresAt: t0 + hour })
    expect(await find(value, t0 + hour - 1)).toEqual(apiToken)
    expect(await find(value, t0 + hour)).toBeUndefined()
    expect(await listApiTokens(db, org)).toEqual([apiToken])
  })

  test('say when they were last used, written at most once a minute', async () => {
    const { apiToken, value } = await insert()
    await touchApiToken(db, org, apiToken, t0 + 5)
    expect((await find(value))?.lastUsedAt).toBe(t0 + 5)
    // One who read the token before, and one who reads it now.
    await touchApiToken(db, org, apiToken, t0 + 6)
    await touchApiToken(db, org, { ...apiToken, lastUsedAt: t0 + 5 }, t0 + 7)
    expect((await find(value))?.lastUsedAt).toBe(t0 + 5)
    await touchApiToken(db, org, { ...apiToken, lastUsedAt: t0 + 5 }, t0 + 5 + minute)
    expect((await find(value))?.lastUsedAt).toBe(t0 + 5 + minute)
  })

  test('are listed oldest first', async () => {
    const second = await insert({ name: 'Second' }, t0 + 1)
    const first = await insert({ name: 'First' }, t0)
    expect(await listApiTokens(db, org)).toEqual([first.apiToken, second.apiToken])
  })

  test('are revoked once', async () => {
    const { apiToken, value } = await insert()
    expect(await change((tx) => revokeApiToken(tx, org, apiToken.id))).toBe(true)
    expect(await change((tx) => revokeApiToken(tx, org, apiToken.id))).toBe(false)
    expect(await find(value)).toBeUndefined()
  })

  test('go with the user in whose name they call', async () => {
    const userId = await makeUser(db, org)
    const { value } = await insert({ name: 'CI', userId })
    await change((tx) => deleteUser(tx, org, userId))
    expect(await find(value)).toBeUndefined()
  })

  test('of one org can be neither found, listed, touched nor revoked from another', async () => {
    const { apiToken, value } = await insert()
    const other = await makeOrg(db)
    expect(await findApiTokenByValue(db, other, value, t0)).toBeUndefined()
    expect(await listApiTokens(db, other)).toEqual([])
    await touchApiToken(db, other, apiToken, t0 + 5)
    expect(await change((tx) => revokeApiToken(tx, other, apiToken.id))).toBe(false)
    expect(await find(value)).toEqual(apiToken)
    const theirs = await change((tx) => insertApiToken(tx, other, { name: 'Theirs', value }, t0))
    expect(theirs.value).toBe(value)
  })
})
