import { beforeAll, describe, expect, test } from 'vitest'
import { type Database, inTransaction, type Transaction } from '../platform/database/index.ts'
import { describeEachDatabase } from '../platform/database/testing.ts'
import { isLatchkeyError } from '../platform/errors.ts'
import type { DirectoryId } from '../records/directories/index.ts'
import { listEvents } from '../records/events/index.ts'
import { insertGrant } from '../records/grants/index.ts'
import type { OrgId } from '../records/orgs/index.ts'
import { makeOrg, testTime } from '../records/orgs/testing.ts'
import { listSessions, startSession } from '../records/sessions/index.ts'
import {
  findPasswordHash,
  findUser,
  findVerifiedAddress,
  listAddresses,
  savePasswordHash,
  setUserStatus,
  type User,
  type UserStatus,
} from '../records/users/index.ts'
import { makeDirectory } from '../records/users/testing.ts'
import {
  type Actor,
  activateUser,
  changeProfile,
  createUser,
  deactivateUser,
  deleteUserInSteps,
  setPassword,
  suspendUser,
  type UserChange,
  unsuspendUser,
} from './index.ts'

type Command = (tx: Transaction, change: UserChange) => Promise<unknown>

const by: Actor = { type: 'api-token', id: '00T1', name: 'CI', userId: null }
const context = { requestId: 'req1', ip: '192.0.2.1' }
const at = testTime + 1_000

describeEachDatabase('What can happen to a user', (open) => {
  let db: Database
  let org: OrgId
  let directoryId: DirectoryId
  let people = 0
  beforeAll(async () => {
    db = await open()
    ;({ org, directoryId } = await makeDirectory(db))
  })

  const person = (status: UserStatus = 'active') => {
    people += 1
    const email = `person${people}@example.com`
    const input = { directoryId, status, profile: { login: email, email }, isEmailVerified: true }
    return inTransaction(db, (tx) => createUser(tx, org, input, testTime))
  }
  const run = (command: Command, { id }: User, inOrg = org) =>
    inTransaction(db, (tx) => command(tx, { org: inOrg, userId: id, at, by, context }))
  const reasonOf = (command: Command, user: User, inOrg = org) =>
    run(command, user, inOrg).then(
      () => 'none',
      (thrown: unknown) => (isLatchkeyError(thrown) ? thrown.code : thrown),
    )
  const statusOf = async ({ id }: User) => (await findUser(db, org, id))?.status
  const eventsOf = async ({ id }: User) => {
    const events = await listEvents(db, org, { limit: 100, userId: id, since: at })
    return events.map(({ name }) => name).toSorted()
  }

  describe('from each status', () => {
    const everyStatus = [
      'staged',
      'provisioned',
      'active',
      'recovery',
      'locked_out',
      'password_expired',
      'suspended',
      'deactivated',
    ] as const
    const commands: [string, Command, Partial<Record<UserStatus, UserStatus>>, string][] = [
      ['activate', activateUser, { staged: 'provisioned', deactivated: 'provisioned' }, 'user_already_active'],
      [
        'deactivate',
        deactivateUser,
        Object.fromEntries(everyStatus.slice(0, 7).map((status) => [status, 'deactivated'])),
        'user_already_deactivated',
      ],
      ['suspend', suspendUser, { active: 'suspended' }, 'user_not_active'],
      ['unsuspend', unsuspendUser, { suspended: 'active' }, 'user_not_suspended'],
    ]
    test.each(commands)('%s does what it says, or nothing', async (_name, command, moves, refusal) => {
      for (const status of everyStatus) {
        const user = await person()
        await inTransaction(db, (tx) => setUserStatus(tx, org, user.id, status, testTime))
        const to = moves[status]
        expect([status, await reasonOf(command, user)]).toEqual([status, to ? 'none' : refusal])
        expect([status, await statusOf(user)]).toEqual([status, to ?? status])
        if (!to) expect(await eventsOf(user)).toEqual([])
      }
    })
  })

  test('activation makes whoever has a password active', async () => {
    const user = await person('staged')
    await inTransaction(db, (tx) => savePasswordHash(tx, org, user.id, 'a hash', testTime))
    await run(activateUser, user)
    expect(await findUser(db, org, user.id)).toMatchObject({ status: 'active', activatedAt: at, statusChangedAt: at })
    expect(await eventsOf(user)).toEqual(['user.activated'])
  })

  const live = (user: User) =>
    inTransaction(db, async (tx) => {
      await startSession(
        tx,
        org,
        {
          userId: user.id,
          authentications: [{ method: 'password', at: testTime }],
          context: { ip: null, userAgent: null },
          lifetimes: { sessionIdleMs: 1e9, sessionLifetimeMs: 1e9 },
        },
        testTime,
      )
      await savePasswordHash(tx, org, user.id, 'a hash', testTime)
      await insertGrant(
        tx,
        org,
        {
          serverId: 'default' as never,
          clientId: 'demo' as never,
          userId: user.id,
          sessionId: null,
          scopes: [],
          details: {},
          expiresAt: testTime + 1e9,
        },
        testTime,
      )
    })

  test('deactivation ends sessions and grants and takes the password', async () => {
    const user = await person()
    await live(user)
    await run(deactivateUser, user)
    expect(await listSessions(db, org, user.id, at)).toEqual([])
    expect(await findPasswordHash(db, org, user.id)).toBeUndefined()
    expect(await eventsOf(user)).toEqual(['grant.revoked', 'sessions.ended', 'user.deactivated'])
  })

  test('suspension ends sessions and keeps the rest', async () => {
    const user = await person()
    await live(user)
    await run(suspendUser, user)
    expect(await listSessions(db, org, user.id, at)).toEqual([])
    expect(await findPasswordHash(db, org, user.id)).toBe('a hash')
    expect(await eventsOf(user)).toEqual(['sessions.ended', 'user.suspended'])
  })

  test('deletion takes two steps', async () => {
    const user = await person()
    expect(await run(deleteUserInSteps, user)).toBe('deactivated')
    expect(await statusOf(user)).toBe('deactivated')
    expect(await run(deleteUserInSteps, user)).toBe('deleted')
    expect(await statusOf(user)).toBeUndefined()
    expect(await reasonOf(deleteUserInSteps, user)).toBe('user_not_found')
    expect(await eventsOf(user)).toEqual(['user.deactivated', 'user.deleted'])
  })

  test('events say who did it, from where, and whom it was about', async () => {
    const user = await person()
    await run(suspendUser, user)
    const [event] = await listEvents(db, org, { limit: 1, userId: user.id, since: at })
    expect(event).toMatchObject({
      name: 'user.suspended',
      outcome: 'SUCCESS',
      context: { requestId: 'req1', ip: '192.0.2.1' },
      details: { login: user.login, displayName: user.login, actor: by },
    })
  })

  test('of two who suspend at once, one does', async () => {
    const user = await person()
    const reasons = await Promise.all(Array.from({ length: 10 }, () => reasonOf(suspendUser, user)))
    expect(reasons.toSorted()).toEqual(['none', ...Array(9).fill('user_not_active')])
  })

  test('one org reaches nobody of another', async () => {
    const user = await person()
    const other = await makeOrg(db)
    for (const command of [activateUser, deactivateUser, suspendUser, unsuspendUser, deleteUserInSteps])
      expect(await reasonOf(command, user, other)).toBe('user_not_found')
    expect(await reasonOf((tx, change) => changeProfile(tx, change, { firstName: 'Eve' }), user, other)).toBe(
      'user_not_found',
    )
    expect(await reasonOf((tx, change) => setPassword(tx, change, 'hash'), user, other)).toBe('user_not_found')
    expect(await statusOf(user)).toBe('active')
  })

  describe('A profile', () => {
    const change = (profile: Record<string, string | null>) => (tx: Transaction, of: UserChange) =>
      changeProfile(tx, of, profile)

    test('changes what is given and tells which attributes', async () => {
      const user = await person()
      await run(change({ firstName: 'Ada', lastName: 'Byron' }), user)
      await run(change({ firstName: 'Ada', lastName: null, nickName: null }), user)
      expect((await findUser(db, org, user.id))?.profile).toEqual({ ...user.profile, firstName: 'Ada' })
      const events = await listEvents(db, org, { limit: 10, userId: user.id, types: ['user.updated'] })
      const changed = events.map(({ details }) => JSON.stringify(details.attributes)).toSorted()
      expect(changed).toEqual(['["firstName","lastName"]', '["lastName"]'])
    })

    test('that stays as it is, is no event', async () => {
      const user = await person()
      await run(change({ email: user.profile.email }), user)
      expect(await eventsOf(user)).toEqual([])
    })

    test('gives up an address for a new one, which the administrator vouches for', async () => {
      const user = await person()
      await run(change({ email: 'new.address@example.com' }), user)
      expect(await listAddresses(db, org, user.id)).toEqual([
        { kind: 'email', value: 'new.address@example.com', isPrimary: true, verifiedAt: at },
      ])
      expect(await findVerifiedAddress(db, org, directoryId, 'email', user.profile.email)).toBeUndefined()
    })

    test('vouching does not take an address from whoever has proven it', async () => {
      const [owner, taker] = [await person(), await person()]
      await run(change({ email: owner.profile.email }), taker)
      expect(await findVerifiedAddress(db, org, directoryId, 'email', owner.profile.email)).toBe(owner.id)
      expect((await listAddresses(db, org, taker.id))[0]).toMatchObject({ isPrimary: true, verifiedAt: null })
    })

    test('cannot take the login of another user', async () => {
      const [owner, taker] = [await person(), await person()]
      expect(await reasonOf(change({ login: owner.login.toUpperCase() }), taker)).toBe('login_taken')
      expect((await findUser(db, org, taker.id))?.login).toBe(taker.login)
    })
  })

  test('a password makes whoever was waiting for one active', async () => {
    const user = await person('provisioned')
    await run((tx, change) => setPassword(tx, change, 'a new hash'), user)
    expect(await statusOf(user)).toBe('active')
    expect(await findPasswordHash(db, org, user.id)).toBe('a new hash')
    const suspended = await person('suspended')
    await run((tx, change) => setPassword(tx, change, 'a new hash'), suspended)
    expect(await statusOf(suspended)).toBe('suspended')
  })
})
