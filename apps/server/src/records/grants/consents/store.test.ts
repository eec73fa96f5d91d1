import { beforeAll, beforeEach, expect, test } from 'vitest'
import { type Database, inTransaction, type Transaction } from '../../../platform/database/index.ts'
import { describeEachDatabase } from '../../../platform/database/testing.ts'
import { openVault } from '../../../platform/vault.ts'
import { defaultServerId, orgServerId } from '../../authorization-servers/index.ts'
import { type ClientId, deleteClient, parseClientMetadata, saveClient } from '../../clients/index.ts'
import { makeOrgWithDirectory, makeUser } from '../../credentials/testing.ts'
import type { OrgId } from '../../orgs/index.ts'
import { testTime as t0 } from '../../orgs/testing.ts'
import { deleteUser, type UserId } from '../../users/index.ts'
import { findConsent, listConsents, revokeConsent, saveConsent } from './store.ts'

const vault = openVault(['a secret of this test'])

describeEachDatabase('Consents', (open) => {
  let db: Database
  let org: OrgId
  let userId: UserId
  let clientId: ClientId
  beforeAll(async () => {
    db = await open()
  })
  beforeEach(async () => {
    org = await makeOrgWithDirectory(db)
    userId = await makeUser(db, org)
    clientId = await makeClient()
  })
  const change = <T>(work: (tx: Transaction) => Promise<T>) => inTransaction(db, work)
  async function makeClient() {
    const input = parseClientMetadata({ redirect_uris: ['https://app.example/cb'] })
    return (await change((tx) => saveClient(tx, org, input, vault, t0))).client.id
  }
  const save = (scopes: string[], serverId = defaultServerId, now = t0, client = clientId) =>
    change((tx) => saveConsent(tx, org, { userId, clientId: client, serverId, scopes }, now))
  const find = (serverId = defaultServerId) => findConsent(db, org, userId, clientId, serverId)

  test('are absent until somebody was asked', async () => {
    expect(await find()).toBeUndefined()
    await save([])
    expect(await find()).toEqual([])
  })

  test('grow with each answer and forget nothing', async () => {
    await save(['openid', 'profile'])
    await save(['email', 'openid'], defaultServerId, t0 + 5)
    expect(await find()).toEqual(['openid', 'profile', 'email'])
    expect(await listConsents(db, org, userId)).toEqual([
      {
        userId,
        clientId,
        serverId: defaultServerId,
        scopes: ['openid', 'profile', 'email'],
        createdAt: t0,
        updatedAt: t0 + 5,
      },
    ])
  })

  test('are one for each authorization server and client', async () => {
    const other = await makeClient()
    await save(['openid'], orgServerId, t0 + 1)
    await save(['email'], defaultServerId, t0 + 2)
    await save(['phone'], defaultServerId, t0, other)
    expect(await find(orgServerId)).toEqual(['openid'])
    expect((await listConsents(db, org, userId)).map(({ scopes }) => scopes[0])).toEqual(['phone', 'openid', 'email'])
  })

  test('are taken back for one server or for all', async () => {
    const revoke = (server?: typeof orgServerId) => change((tx) => revokeConsent(tx, org, userId, clientId, server))
    await save(['openid'], orgServerId)
    await save(['openid'])
    expect(await revoke(orgServerId)).toBe(true)
    expect(await find(orgServerId)).toBeUndefined()
    expect(await find()).toEqual(['openid'])
    expect(await revoke()).toBe(true)
    expect(await find()).toBeUndefined()
    expect(await revoke()).toBe(false)
  })

  test('go with their user and with their client', async () => {
    await save(['openid'])
    await change((tx) => deleteClient(tx, org, clientId))
    expect(await listConsents(db, org, userId)).toEqual([])
    await save(['openid'], defaultServerId, t0, await makeClient())
    await change((tx) => deleteUser(tx, org, userId))
    expect(await listConsents(db, org, userId)).toEqual([])
  })

  test('of one org can be neither found, listed nor taken back from another', async () => {
    await save(['openid'])
    const other = await makeOrgWithDirectory(db)
    expect(await findConsent(db, other, userId, clientId, defaultServerId)).toBeUndefined()
    expect(await listConsents(db, other, userId)).toEqual([])
    expect(await change((tx) => revokeConsent(tx, other, userId, clientId))).toBe(false)
    expect(await find()).toEqual(['openid'])
  })
})
