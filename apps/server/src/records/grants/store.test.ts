import { beforeAll, beforeEach, expect, test } from 'vitest'
import { day, hour } from '../../platform/clock.ts'
import { type Database, inTransaction, type Transaction } from '../../platform/database/index.ts'
import { describeEachDatabase } from '../../platform/database/testing.ts'
import { newId } from '../../platform/ids.ts'
import { defaultServerId } from '../authorization-servers/index.ts'
import type { ClientId } from '../clients/index.ts'
import type { OrgId } from '../orgs/index.ts'
import { makeOrg, testTime as t0 } from '../orgs/testing.ts'
import type { SessionId } from '../sessions/index.ts'
import type { UserId } from '../users/index.ts'
import {
  findGrant,
  insertGrant,
  type NewGrant,
  removeExpiredGrants,
  revokeGrant,
  revokeGrantsOfClient,
  revokeGrantsOfSession,
  revokeGrantsOfUser,
} from './store.ts'

const [user, client] = [newId<UserId>('00u'), newId<ClientId>('0oa')]
const session = newId<SessionId>('102')
const base: NewGrant = {
  serverId: defaultServerId,
  clientId: client,
  userId: user,
  sessionId: session,
  scopes: ['openid', 'profile'],
  details: { authTime: t0 - 5, amr: ['swk', 'mfa'], acr: 'phr', nonce: 'n', claims: { idToken: ['email'] } },
  expiresAt: t0 + hour,
}

describeEachDatabase('Grants', (open) => {
  let db: Database
  let org: OrgId
  beforeAll(async () => {
    db = await open()
  })
  beforeEach(async () => {
    org = await makeOrg(db)
  })
  const change = <T>(work: (tx: Transaction) => Promise<T>) => inTransaction(db, work)
  const insert = (overrides: Partial<NewGrant> = {}) =>
    change((tx) => insertGrant(tx, org, { ...base, ...overrides }, t0))

  test('come back as they were kept, with a user and session or without', async () => {
    const grant = await insert()
    expect(grant).toEqual({ ...base, id: grant.id, createdAt: t0, revokedAt: null })
    expect(grant.id).toMatch(/^oag[0-9A-Za-z]{17}$/)
    expect(await findGrant(db, org, grant.id)).toEqual(grant)
    const own = await insert({ userId: null, sessionId: null, details: {} })
    expect(await findGrant(db, org, own.id)).toEqual(own)
  })

  test('are revoked once, and say when', async () => {
    const { id } = await insert()
    expect(await change((tx) => revokeGrant(tx, org, id, t0 + 1))).toBe(true)
    expect(await change((tx) => revokeGrant(tx, org, id, t0 + 2))).toBe(false)
    expect(await findGrant(db, org, id)).toMatchObject({ revokedAt: t0 + 1 })
  })

  test('that are over are not revoked any more', async () => {
    const { id } = await insert()
    expect(await change((tx) => revokeGrant(tx, org, id, t0 + hour))).toBe(false)
  })

  test('revoked by ten at once are revoked by one', async () => {
    const { id } = await insert()
    const revoke = () => change((tx) => revokeGrant(tx, org, id, t0))
    const revoked = await Promise.all(Array.from({ length: 10 }, revoke))
    expect(revoked.filter(Boolean)).toHaveLength(1)
  })

  test('of a session, a user or a client are revoked together', async () => {
    const ofSession = await insert()
    const offline = await insert({ sessionId: null })
    const elsewhere = await insert({ sessionId: null, clientId: newId<ClientId>('0oa') })
    const ofOther = await insert({ sessionId: null, userId: newId<UserId>('00u') })
    expect(await change((tx) => revokeGrantsOfSession(tx, org, session, t0))).toEqual([ofSession.id])
    expect(await change((tx) => revokeGrantsOfUser(tx, org, user, t0, client))).toEqual([offline.id])
    expect(await change((tx) => revokeGrantsOfUser(tx, org, user, t0))).toEqual([elsewhere.id])
    expect(await change((tx) => revokeGrantsOfClient(tx, org, client, t0))).toEqual([ofOther.id])
    expect(await change((tx) => revokeGrantsOfClient(tx, org, client, t0))).toEqual([])
  })

  test('that are over are removed', async () => {
    await removeExpiredGrants(db, t0 + 10 * day)
    const over = await insert()
    const live = await insert({ expiresAt: t0 + hour + 1 })
    expect(await removeExpiredGrants(db, t0 + hour)).toBe(1)
    expect(await findGrant(db, org, over.id)).toBeUndefined()
    expect(await findGrant(db, org, live.id)).toEqual(live)
  })

  test('of one org can be neither found nor revoked from another', async () => {
    const grant = await insert()
    const other = await makeOrg(db)
    expect(await findGrant(db, other, grant.id)).toBeUndefined()
    expect(await change((tx) => revokeGrant(tx, other, grant.id, t0))).toBe(false)
    expect(await change((tx) => revokeGrantsOfSession(tx, other, session, t0))).toEqual([])
    expect(await change((tx) => revokeGrantsOfUser(tx, other, user, t0))).toEqual([])
    expect(await change((tx) => revokeGrantsOfClient(tx, other, client, t0))).toEqual([])
    expect(await findGrant(db, org, grant.id)).toEqual(grant)
  })
})
