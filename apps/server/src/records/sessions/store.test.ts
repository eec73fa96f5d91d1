import { beforeAll, beforeEach, expect, test } from 'vitest'
import { hour, minute } from '../../platform/clock.ts'
import { type Database, inTransaction, type Transaction } from '../../platform/database/index.ts'
import { describeEachDatabase } from '../../platform/database/testing.ts'
import { newId } from '../../platform/ids.ts'
import type { ClientId } from '../clients/index.ts'
import { makeOrgWithDirectory, makeUser } from '../credentials/testing.ts'
import type { OrgId } from '../orgs/index.ts'
import { testTime as t0 } from '../orgs/testing.ts'
import { deleteUser, type UserId } from '../users/index.ts'
import type { Authentication, SessionId } from './session.ts'
import {
  addSessionClient,
  endSession,
  endSessionsOfUser,
  findSession,
  findSessionByToken,
  listSessions,
  removeExpiredSessions,
  renewSession,
  startSession,
  touchSession,
} from './store.ts'

const passkey: Authentication = { method: 'passkey', at: t0, userVerified: true, deviceBound: false }
const password: Authentication = { method: 'password', at: t0 + minute }
const lifetimes = { sessionIdleMs: hour, sessionLifetimeMs: 90 * minute }
const context = { ip: '192.0.2.1', userAgent: 'Browser/1' }

describeEachDatabase('Sessions', (open) => {
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
  const change = <T>(work: (tx: Transaction) => Promise<T>) => inTransaction(db, work)
  const start = (now = t0, userId = user) =>
    change((tx) => startSession(tx, org, { userId, authentications: [passkey], context, lifetimes }, now))
  const find = (token: string, now = t0) => findSessionByToken(db, org, token, now)

  test('are found by their token as they were started', async () => {
    const { session, token } = await start()
    expect(session).toEqual({
      id: session.id,
      userId: user,
      authentications: [passkey],
      clients: [],
      createdAt: t0,
      lastSeenAt: t0,
      idleExpiresAt: t0 + hour,
      expiresAt: t0 + 90 * minute,
      ...context,
    })
    expect(session.id).toMatch(/^102[0-9A-Za-z]{17}$/)
    expect(await find(token)).toEqual(session)
    expect(await findSession(db, org, session.id, t0)).toEqual(session)
    expect(await find(`${token}x`)).toBeUndefined()
  })

  test('are kept without their token', async () => {
    const { session, token } = await start()
    const row = await db
      .selectFrom('browser_session')
      .selectAll()
      .where('org_id', '=', org)
      .where('id', '=', session.id)
      .executeTakeFirstOrThrow()
    expect(JSON.stringify(row)).not.toContain(token)
  })

  test('end when they were idle for too long', async () => {
    const { session, token } = await start()
    expect(await find(token, t0 + hour - 1)).toEqual(session)
    expect(await find(token, t0 + hour)).toBeUndefined()
    expect(await findSession(db, org, session.id, t0 + hour)).toBeUndefined()
  })

  test('live longer by use, but never beyond their end', async () => {
    const { session, token } = await start()
    await touchSession(db, org, session, t0 + 10 * minute)
    expect((await find(token))?.idleExpiresAt).toBe(t0 + 70 * minute)
    await touchSession(db, org, session, t0 + 50 * minute)
    const touched = await find(token)
    expect(touched).toMatchObject({ lastSeenAt: t0 + 50 * minute, idleExpiresAt: t0 + 90 * minute })
    expect(await find(token, t0 + 90 * minute)).toBeUndefined()
  })

  test('are written by use at most once a minute, and not after their end', async () => {
    const { session, token } = await start()
    await touchSession(db, org, session, t0 + minute - 1)
    expect((await find(token))?.lastSeenAt).toBe(t0)
    await touchSession(db, org, session, t0 + minute)
    // A second process that read the session before.
    await touchSession(db, org, session, t0 + minute + 1)
    expect((await find(token))?.lastSeenAt).toBe(t0 + minute)
    await touchSession(db, org, session, t0 + 3 * hour)
    expect((await find(token))?.lastSeenAt).toBe(t0 + minute)
  })

  test('change their token with each authentication, so that a fixed one is worth nothing', async () => {
    const { session, token } = await start()
    const renewed = await change((tx) =>
      renewSession(tx, org, session.id, { authentications: [password] }, t0 + 5 * minute),
    )
    expect(renewed.token).not.toBe(token)
    expect(await find(token)).toBeUndefined()
    expect(await find(renewed.token)).toEqual(renewed.session)
    expect(renewed.session).toMatchObject({
      id: session.id,
      authentications: [passkey, password],
      lastSeenAt: t0 + 5 * minute,
      idleExpiresAt: t0 + 65 * minute,
      expiresAt: session.expiresAt,
    })
  })

  test('that ended meanwhile are neither renewed nor given a client', async () => {
    const { session } = await start()
    const client = newId<ClientId>('0oa')
    const late = t0 + 2 * hour
    await expect(
      change((tx) => renewSession(tx, org, session.id, { authentications: [password] }, late)),
    ).rejects.toMatchObject({ code: 'session_not_found' })
    await expect(change((tx) => addSessionClient(tx, org, session.id, client, late))).rejects.toMatchObject({
      code: 'session_not_found',
    })
  })

  test('remember every client once, also those that come at the same time', async () => {
    const { session, token } = await start()
    const clients = Array.from({ length: 8 }, () => newId<ClientId>('0oa'))
    await Promise.all(
      [...clients, ...clients].map((id) => change((tx) => addSessionClient(tx, org, session.id, id, t0 + 1))),
    )
    const known = (await find(token))?.clients ?? []
    expect(known.map(({ clientId }) => clientId).toSorted()).toEqual(clients.toSorted())
    expect(known[0]?.at).toBe(t0 + 1)
  })

  test('are ended once, and given back with their clients', async () => {
    const { session, token } = await start()
    const clientId = newId<ClientId>('0oa')
    await change((tx) => addSessionClient(tx, org, session.id, clientId, t0))
    expect(await change((tx) => endSession(tx, org, session.id))).toMatchObject({
      id: session.id,
      clients: [{ clientId, at: t0 }],
    })
    expect(await find(token)).toBeUndefined()
    expect(await change((tx) => endSession(tx, org, session.id))).toBeUndefined()
  })

  test('of a user are ended together, all of them or all but one', async () => {
    const [first, second, third] = [await start(), await start(), await start()]
    const stranger = await start(t0, await makeUser(db, org))
    const idsOf = (sessions: readonly { id: SessionId }[]) => sessions.map(({ id }) => id).toSorted()
    const others = await change((tx) => endSessionsOfUser(tx, org, user, second.session.id))
    expect(idsOf(others)).toEqual(idsOf([first.session, third.session]))
    expect(idsOf(await listSessions(db, org, user, t0))).toEqual([second.session.id])
    expect(idsOf(await change((tx) => endSessionsOfUser(tx, org, user)))).toEqual([second.session.id])
    expect(await find(stranger.token)).toEqual(stranger.session)
  })

  test('are listed newest first, without those that are over', async () => {
    const old = await start(t0 - 2 * hour)
    const first = await start(t0)
    const second = await start(t0 + 1)
    expect((await listSessions(db, org, user, t0 + 1)).map(({ id }) => id)).toEqual([
      second.session.id,
      first.session.id,
    ])
    expect(await findSession(db, org, old.session.id, t0)).toBeUndefined()
  })

  test('that are over are removed', async () => {
    await removeExpiredSessions(db, t0 + 10 * hour)
    await start(t0)
    const { token } = await start(t0 + 1)
    expect(await removeExpiredSessions(db, t0 + hour)).toBe(1)
    expect(await find(token, t0 + hour)).toBeDefined()
  })

  test('go with their user', async () => {
    const { token } = await start()
    await change((tx) => deleteUser(tx, org, user))
    expect(await find(token)).toBeUndefined()
  })

  test('of one org cannot be found, listed, renewed, touched or ended from another', async () => {
    const { session, token } = await start()
    const other = await makeOrgWithDirectory(db)
    const later = t0 + 2 * minute
    expect(await findSessionByToken(db, other, token, t0)).toBeUndefined()
    expect(await findSession(db, other, session.id, t0)).toBeUndefined()
    expect(await listSessions(db, other, user, t0)).toEqual([])
    await touchSession(db, other, session, later)
    await expect(
      change((tx) => renewSession(tx, other, session.id, { authentications: [password] }, later)),
    ).rejects.toMatchObject({ code: 'session_not_found' })
    await expect(
      change((tx) => addSessionClient(tx, other, session.id, newId<ClientId>('0oa'), later)),
    ).rejects.toMatchObject({ code: 'session_not_found' })
    expect(await change((tx) => endSession(tx, other, session.id))).toBeUndefined()
    expect(await change((tx) => endSessionsOfUser(tx, other, user))).toEqual([])
    expect(await find(token)).toEqual(session)
  })
})
