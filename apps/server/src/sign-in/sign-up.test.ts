import { describe, expect, test } from 'vitest'
import { inTransaction } from '../platform/database/index.ts'
import { findSession } from '../records/sessions/index.ts'
import { findUser, insertUser, listAddresses, listRoles, newUserId } from '../records/users/index.ts'
import { describeEachHouse } from '../testing/each-database.ts'
import { snapshot, type TestOrg } from '../testing/index.ts'
import { sessionOf, type Visit, visit } from './testing.ts'

describeEachHouse('Signing up', (house) => {
  const begin = async (org: TestOrg, identifier: string, names = {}): Promise<Visit> => {
    const asked = await visit(org, { startsAtSignUp: true })
    await asked.answer('sign-up', { identifier, ...names })
    return asked
  }
  const finish = async (org: TestOrg, asked: Visit, email: string) =>
    await asked.answer('code', { code: await org.code(email) })

  test('proves the address first, then makes the user, then asks for a passkey', async () => {
    const org = await house().newOrg()
    const before = await snapshot(house().ground.db)
    const asked = await begin(org, 'Ada@Example.com', { firstName: ' Ada ', lastName: 'Lovelace' })
    expect(await asked.steps()).toEqual(['code'])
    expect((await snapshot(house().ground.db)).person).toEqual(before.person)
    await finish(org, asked, 'Ada@Example.com')
    expect((await asked.view()).steps).toEqual([{ name: 'enrol-passkey', isSkippable: true, isNewUser: true }])
    const session = await asked.session()
    if (!session) throw new Error('No session was started')
    const { db, now } = house().ground
    expect(await findUser(db, org.id, session.userId)).toMatchObject({
      login: 'Ada@Example.com',
      status: 'active',
      lastLoginAt: now(),
      profile: { email: 'Ada@Example.com', firstName: 'Ada', lastName: 'Lovelace' },
    })
    expect(await listAddresses(db, org.id, session.userId)).toMatchObject([{ isPrimary: true, verifiedAt: now() }])
    expect(await listRoles(db, org.id, session.userId)).toEqual([])
    const names = (await org.events({ userId: session.userId })).map(({ name }) => name)
    expect(names.toSorted()).toEqual(['session.started', 'user.created'])
  })

  test('with an address that is known signs its owner in, and makes nobody', async () => {
    const org = await house().newOrg()
    const { email, id } = await org.person()
    const asked = await begin(org, ` ${email.toUpperCase()}`)
    await finish(org, asked, email.toUpperCase())
    expect((await asked.session())?.userId).toBe(id)
    expect((await asked.view()).user?.identifier).toBe(email)
    expect(await org.events({ types: ['user.created'] })).toHaveLength(1)
  })

  test('with an address that is known is no way around a policy that takes no codes', async () => {
    const org = await house().newOrg()
    await org.policy('sign-on', { methods: ['passkey'] })
    const { email, id, authenticator } = await org.person({ passkey: true })
    const asked = await begin(org, email)
    await finish(org, asked, email)
    expect(asked.token).toBeUndefined()
    expect(await asked.steps()).toEqual(['passkey'])
    expect(await org.events({ types: ['session.started', 'user.created'], userId: id })).toMatchObject([
      { name: 'user.created' },
    ])
    await asked.usePasskey(authenticator)
    expect((await asked.view()).outcome).toMatchObject({ kind: 'complete', userId: id })
  })

  test('can be taken up again by who left before they had a passkey, where nothing else signs in', async () => {
    const org = await house().newOrg()
    await org.policy('sign-on', { methods: ['passkey'] })
    const { email, id } = await org.person()
    const asked = await begin(org, email)
    await finish(org, asked, email)
    expect((await asked.session())?.userId).toBe(id)
    expect(await asked.steps()).toEqual(['enrol-passkey'])
  })

  test('with an address that its user had not proven proves it', async () => {
    const org = await house().newOrg()
    const { email, id } = await org.person({ isEmailVerified: false })
    const asked = await begin(org, email)
    await finish(org, asked, email)
    expect((await asked.session())?.userId).toBe(id)
    expect(await listAddresses(house().ground.db, org.id, id)).toMatchObject([{ verifiedAt: house().clock() }])
  })

  test('with an address that is only the login of somebody without it signs nobody in', async () => {
    const org = await house().newOrg()
    const { user } = await org.person()
    const profile = { login: 'looks-like@example.com', email: 'other@example.com' }
    const created = { id: newUserId(), directoryId: user.directoryId, status: 'active', profile } as const
    await inTransaction(house().ground.db, (tx) => insertUser(tx, org.id, created, 1))
    const asked = await begin(org, 'looks-like@example.com')
    await expect(finish(org, asked, 'looks-like@example.com')).rejects.toMatchObject({ code: 'login_taken' })
    expect(asked.token).toBeUndefined()
  })

  test('of one address twice at once makes one user', async () => {
    const org = await house().newOrg()
    const one = await begin(org, 'ada@example.com')
    const code = await org.code('ada@example.com')
    house().clock.advance(1)
    const two = await begin(org, 'ada@example.com')
    const other = await org.code('ada@example.com')
    const results = await Promise.allSettled([one.answer('code', { code }), two.answer('code', { code: other })])
    expect(results.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(1)
    expect(await org.events({ types: ['user.created'] })).toHaveLength(1)
  })

  test('with a user who may not sign in says so only to whoever reads their mailbox', async () => {
    const org = await house().newOrg()
    const { email } = await org.person({ status: 'deactivated' })
    const asked = await begin(org, email)
    await expect(finish(org, asked, email)).rejects.toMatchObject({ code: 'user_not_allowed' })
    expect(asked.token).toBeUndefined()
  })

  test.each(['', 'ada', 'ada@', '@example.com', 'a b@example.com', 'ad\u200ba@example.com', 'a"b@example.com'])(
    'refuses "%s", which is no address, and sends nothing',
    async (identifier) => {
      const org = await house().newOrg()
      const asked = await visit(org, { startsAtSignUp: true })
      await expect(asked.answer('sign-up', { identifier })).rejects.toMatchObject({
        code: 'identifier_invalid',
        status: 400,
      })
      expect(await asked.steps()).toEqual(['sign-up'])
      expect(await org.mail()).toEqual([])
    },
  )

  test('sends six codes to an address in a quarter of an hour, whoever asks', async () => {
    const org = await house().newOrg()
    for (let index = 0; index < 6; index += 1) await begin(org, 'ada@example.com')
    const asked = await visit(org, { startsAtSignUp: true }, { ip: '198.51.100.7' })
    await expect(asked.answer('sign-up', { identifier: 'ADA@example.com' })).rejects.toMatchObject({
      code: 'too_many_attempts',
      details: { retryAfter: 900 },
    })
  })

  test('lets the person correct a mistyped address', async () => {
    const org = await house().newOrg()
    const asked = await begin(org, 'adda@example.com')
    const misdirected = await org.code('adda@example.com')
    await asked.answer('restart')
    expect((await asked.load()).state.mode).toBe('sign-up')
    await asked.answer('sign-up', { identifier: 'ada@example.com' })
    const code = await org.code('ada@example.com')
    if (misdirected !== code)
      await expect(asked.answer('code', { code: misdirected })).rejects.toMatchObject({ code: 'code_incorrect' })
    await asked.answer('code', { code })
    expect((await asked.view()).user?.identifier).toBe('ada@example.com')
  })

  test('is open to whoever is signed in: the new account takes the place of their session', async () => {
    const org = await house().newOrg()
    const session = await sessionOf(org, await org.person({ passkey: true }))
    const asked = await visit(org, { startsAtSignUp: true }, { session })
    expect(await asked.steps()).toEqual(['sign-up'])
    await asked.answer('sign-up', { identifier: 'new@example.com' })
    await finish(org, asked, 'new@example.com')
    expect((await asked.view()).user?.identifier).toBe('new@example.com')
    expect(await findSession(house().ground.db, org.id, session.id, house().clock())).toBeUndefined()
  })

  describe('The first administrator', () => {
    const admin = { startsAtSignUp: true, isFreshRequired: true, grantsRole: 'admin' } as const

    test('is made without a code by mail, and must make a passkey', async () => {
      const org = await house().newOrg()
      await org.policy('profile', { signUp: 'closed' })
      await org.policy('enrolment', { passkey: 'off' })
      const asked = await visit(org, admin)
      await asked.answer('sign-up', { identifier: 'root@example.com' })
      const userId = (await asked.session())?.userId
      if (!userId) throw new Error('No session was started')
      expect(await listRoles(house().ground.db, org.id, userId)).toEqual(['admin'])
      expect((await org.events({ userId })).map(({ name }) => name)).toContain('admin.created')
      expect((await asked.view()).steps).toMatchObject([{ name: 'enrol-passkey', isSkippable: false }])
      await expect(asked.answer('skip')).rejects.toMatchObject({ code: 'step_not_open' })
    })

    test('is one of five who had typed the code before', async () => {
      const org = await house().newOrg()
      const hopeful = await Promise.all(Array.from({ length: 5 }, () => visit(org, admin)))
      const results = await Promise.allSettled(
        hopeful.map((asked, index) => asked.answer('sign-up', { identifier: `root-${index}@example.com` })),
      )
      const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []))
      expect(reasons).toEqual(Array(4).fill('setup_done'))
      expect(await org.events({ types: ['admin.created'] })).toHaveLength(1)
    })

    test('may not take the address of somebody who is there', async () => {
      const org = await house().newOrg()
      const { email, id } = await org.person()
      const asked = await visit(org, admin)
      await expect(asked.answer('sign-up', { identifier: email })).rejects.toMatchObject({ code: 'login_taken' })
      expect(await listRoles(house().ground.db, org.id, id)).toEqual([])
      expect(asked.token).toBeUndefined()
    })
  })
})
