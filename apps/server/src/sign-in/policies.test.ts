import { createAuthenticator } from '@latchkey/webauthn/testing'
import { describe, expect, test } from 'vitest'
import { day, hour } from '../platform/clock.ts'
import { inTransaction } from '../platform/database/index.ts'
import { addMember, newGroupId, saveGroup } from '../records/groups/index.ts'
import { describeEachHouse } from '../testing/each-database.ts'
import { asking, sessionOf, viewOf, visit } from './testing.ts'

const deviceBound = { backupEligible: false, transports: ['usb'], attachment: 'cross-platform' } as const

describeEachHouse('Policies decide a sign-in', (house) => {
  describe('Sign-on', () => {
    test('by passkey alone leaves no other way, whatever is sent', async () => {
      const org = await house().newOrg()
      await org.policy('sign-on', { methods: ['passkey'] })
      const { email } = await org.person({ password: 'a long enough password' })
      const strict = await visit(org)
      await strict.answer('identify', { identifier: email })
      expect(await strict.steps()).toEqual(['passkey'])
      const closed = { code: 'step_not_open' }
      await expect(strict.answer('send-code')).rejects.toMatchObject(closed)
      await expect(strict.answer('password', { password: 'a long enough password' })).rejects.toMatchObject(closed)
      await strict.answer('select', { method: 'password' })
      expect(await strict.steps()).toEqual(['passkey'])
    })

    test('without passkeys offers none', async () => {
      const org = await house().newOrg()
      await org.policy('sign-on', { methods: ['email'] })
      expect((await viewOf(org)).steps).toEqual([{ name: 'identify', canSignUp: true, hasPasskeys: false }])
    })

    test('says how long a session lasts', async () => {
      const org = await house().newOrg()
      await org.policy('sign-on', { sessionIdleMs: hour, sessionLifetimeMs: 3 * hour })
      const session = await sessionOf(org, await org.person({ passkey: true }))
      expect(session.idleExpiresAt - session.createdAt).toBe(hour)
      expect(session.expiresAt - session.createdAt).toBe(3 * hour)
    })

    test.each(['required', 'preferred', 'discouraged'] as const)(
      'asks passkeys for user verification as it says: %s',
      async (userVerification) => {
        const org = await house().newOrg()
        await org.policy('sign-on', { userVerification })
        const { authenticator } = await org.person({ passkey: true })
        const asked = await visit(org)
        expect((await asked.startPasskey()).publicKey.userVerification).toBe(userVerification)
        const unverified = asked.usePasskey(authenticator, { flags: { userVerified: false } })
        if (userVerification === 'required')
          await expect(unverified).rejects.toMatchObject({
            code: 'passkey_refused',
            details: { reason: 'user_not_verified' },
          })
        else await expect(unverified).resolves.toHaveProperty('sessionToken')
      },
    )

    test('for a group holds for its members only', async () => {
      const org = await house().newOrg()
      const { email, id } = await org.person()
      const { email: other } = await org.person()
      const staff = newGroupId()
      await inTransaction(house().ground.db, async (tx) => {
        await saveGroup(tx, org.id, { id: staff, name: 'Staff' }, 1)
        await addMember(tx, org.id, staff, id, 1)
      })
      await org.policy('sign-on', { methods: ['passkey'] }, { groups: [staff] })
      const member = await visit(org)
      await member.answer('identify', { identifier: email })
      expect(await member.steps()).toEqual(['passkey'])
      const outsider = await visit(org)
      await outsider.answer('identify', { identifier: other })
      expect(await outsider.steps()).toEqual(['passkey', 'send-code', 'password'])
    })
  })

  describe('App access', () => {
    test('denied ends a sign-in as denied, without asking for consent to it', async () => {
      const org = await house().newOrg()
      const client = await org.client()
      await org.policy('app-access', { access: 'deny' }, { clients: [client.id] })
      const { authenticator } = await org.person({ passkey: true })
      const refused = await visit(org, asking(client))
      await refused.usePasskey(authenticator)
      expect((await refused.takeOutcome()).outcome).toEqual({ kind: 'denied', reason: 'access_denied' })
      const other = await visit(org, asking(await org.client({ consent: 'trusted' })))
      await other.usePasskey(authenticator)
      expect((await other.takeOutcome()).outcome.kind).toBe('complete')
    })

    test('denied refuses a session that lives already', async () => {
      const org = await house().newOrg()
      const client = await org.client({ consent: 'trusted' })
      await org.policy('app-access', { access: 'deny' }, { clients: [client.id] })
      const session = await sessionOf(org, await org.person({ passkey: true }))
      const denied = { kind: 'denied', reason: 'access_denied' }
      expect((await viewOf(org, asking(client), session)).outcome).toEqual(denied)
      const kept = await visit(org, asking(client), { session })
      expect((await kept.takeOutcome()).outcome).toEqual(denied)
    })

    test('by a passkey asks whoever came by a code for one, and then for its use', async () => {
      const org = await house().newOrg()
      const client = await org.client({ consent: 'trusted' })
      await org.policy('app-access', { factors: 'passkey' }, { clients: [client.id] })
      const { email, authenticator } = await org.person()
      const weak = await visit(org, asking(client))
      await weak.answer('identify', { identifier: email })
      await weak.useCode(email)
      expect((await weak.view()).steps).toEqual([{ name: 'enrol-passkey', isSkippable: false, isNewUser: false }])
      await expect(weak.answer('skip')).rejects.toMatchObject({ code: 'step_not_open' })
      await weak.makePasskey(authenticator)
      expect(await weak.steps()).toEqual(['passkey'])
      await weak.usePasskey(authenticator)
      expect((await weak.view()).outcome?.kind).toBe('complete')
      expect((await weak.session())?.authentications.map(({ method }) => method)).toEqual(['email-code', 'passkey'])
    })

    test('by a passkey asks a session without one for it', async () => {
      const org = await house().newOrg()
      const client = await org.client({ consent: 'trusted' })
      await org.policy('app-access', { factors: 'passkey' }, { clients: [client.id] })
      const { email, authenticator } = await org.person({ passkey: true })
      const weak = await visit(org)
      await weak.answer('identify', { identifier: email })
      await weak.useCode(email)
      const stepUp = await visit(org, asking(client), { session: await weak.session() })
      expect(await stepUp.steps()).toEqual(['passkey'])
      await stepUp.usePasskey(authenticator)
      expect((await stepUp.view()).outcome?.kind).toBe('complete')
    })

    test('by two factors takes a passkey that verified its user', async () => {
      const org = await house().newOrg()
      await org.policy('app-access', { factors: 'two' })
      await org.policy('sign-on', { userVerification: 'preferred' })
      const { authenticator } = await org.person({ passkey: true })
      const client = await org.client({ consent: 'trusted' })
      const verified = await visit(org, asking(client))
      await verified.usePasskey(authenticator)
      expect((await verified.view()).outcome?.kind).toBe('complete')
      const unverified = await visit(org, asking(client))
      await unverified.usePasskey(authenticator, { flags: { userVerified: false } })
      expect((await unverified.view()).outcome).toBeUndefined()
    })

    test('by two factors takes a passkey and a password, where no passkey counts for two', async () => {
      const org = await house().newOrg()
      await org.policy('app-access', { factors: 'two', passkeySatisfiesTwo: false })
      const { authenticator } = await org.person({ passkey: true, password: 'a long enough password' })
      const twice = await visit(org, asking(await org.client({ consent: 'trusted' })))
      await twice.usePasskey(authenticator)
      expect((await twice.view()).outcome).toBeUndefined()
      await twice.answer('password', { password: 'a long enough password' })
      expect((await twice.view()).outcome?.kind).toBe('complete')
    })

    test('by two factors asks for one of another kind, not for a second proof of possession', async () => {
      const org = await house().newOrg()
      await org.policy('app-access', { factors: 'two', passkeySatisfiesTwo: false })
      const { authenticator } = await org.person({ passkey: true, password: 'a password of their own' })
      const same = await visit(org, asking(await org.client({ consent: 'trusted' })))
      await same.usePasskey(authenticator)
      expect(await same.steps()).toEqual(['password'])
      await expect(same.answer('send-code')).rejects.toMatchObject({ code: 'step_not_open' })
      await same.answer('password', { password: 'a password of their own' })
      expect((await same.view()).outcome?.kind).toBe('complete')
    })

    test('by two factors is reached with e-mail and password, without a passkey', async () => {
      const org = await house().newOrg()
      await org.policy('app-access', { factors: 'two' })
      await org.policy('enrolment', { passkey: 'off' })
      const { email } = await org.person({ password: 'a password of their own' })
      const both = await visit(org, asking(await org.client({ consent: 'trusted' })))
      await both.answer('identify', { identifier: email })
      await both.useCode(email)
      expect(await both.steps()).toEqual(['passkey', 'password'])
      await both.answer('password', { password: 'a password of their own' })
      expect((await both.view()).outcome?.kind).toBe('complete')
    })

    test('by two factors makes those create a passkey who have nothing else', async () => {
      const org = await house().newOrg()
      await org.policy('app-access', { factors: 'two' })
      const { email } = await org.person()
      const alone = await visit(org, asking(await org.client({ consent: 'trusted' })))
      await alone.answer('identify', { identifier: email })
      await alone.useCode(email)
      expect((await alone.view()).steps).toMatchObject([{ name: 'enrol-passkey', isSkippable: false }])
    })

    test('by a device-bound passkey takes no synced one', async () => {
      const org = await house().newOrg()
      await org.policy('app-access', { factors: 'device-bound' })
      const client = await org.client({ consent: 'trusted' })
      const synced = await visit(org, asking(client))
      await synced.usePasskey((await org.person({ passkey: true })).authenticator)
      // Told why, and given the chance to make one that stays where it is.
      expect(await synced.view()).toMatchObject({
        steps: [{ name: 'enrol-passkey', isSkippable: false }],
        notices: [{ code: 'device_bound_required' }],
      })
      const byCode = await visit(org, asking(client))
      const { email } = await org.person({ passkey: true })
      await byCode.answer('identify', { identifier: email })
      await byCode.useCode(email)
      expect(await byCode.steps()).toEqual(['passkey'])
      const bound = await visit(org, asking(client))
      await bound.usePasskey((await org.person({ passkey: deviceBound })).authenticator)
      expect((await bound.view()).outcome?.kind).toBe('complete')
    })
  })

  describe('Sign-up', () => {
    test('closed shows no way to a new account, and refuses what is sent all the same', async () => {
      const org = await house().newOrg()
      const early = await visit(org, { startsAtSignUp: true })
      expect(await early.steps()).toEqual(['sign-up'])
      await org.policy('profile', { signUp: 'closed' })
      expect((await viewOf(org)).steps).toEqual([{ name: 'identify', canSignUp: false, hasPasskeys: true }])
      expect((await viewOf(org, { startsAtSignUp: true })).steps[0]?.name).toBe('identify')
      await expect(early.answer('sign-up', { identifier: 'new@example.com' })).rejects.toMatchObject({
        code: 'step_not_open',
      })
      expect(await org.mail('new@example.com')).toEqual([])
    })
  })

  describe('Enrolment', () => {
    const arrive = async (enrolment: { passkey?: 'required' | 'optional' | 'off' }) => {
      const org = await house().newOrg()
      await org.policy('enrolment', enrolment)
      const { email } = await org.person()
      const come = async () => {
        const came = await visit(org)
        await came.answer('identify', { identifier: email })
        await came.useCode(email)
        return came
      }
      return { org, come, first: await come() }
    }

    test('optional offers a passkey, and asks again after thirty days', async () => {
      const { first, come } = await arrive({ passkey: 'optional' })
      expect((await first.view()).steps).toEqual([{ name: 'enrol-passkey', isSkippable: true, isNewUser: false }])
      await first.answer('skip')
      expect((await first.view()).outcome?.kind).toBe('complete')
      house().clock.advance(30 * day - 1)
      expect((await (await come()).view()).outcome?.kind).toBe('complete')
      house().clock.advance(1)
      expect(await (await come()).steps()).toEqual(['enrol-passkey'])
    })

    test('required lets nobody past, even one who said "not now" before', async () => {
      const { org, first, come } = await arrive({ passkey: 'optional' })
      await first.answer('skip')
      await org.policy('enrolment', { passkey: 'required' })
      house().clock.advance(hour)
      const later = await come()
      expect((await later.view()).steps).toEqual([{ name: 'enrol-passkey', isSkippable: false, isNewUser: false }])
      await expect(later.answer('skip')).rejects.toMatchObject({ code: 'step_not_open' })
      await later.makePasskey(createAuthenticator())
      expect((await later.view()).outcome?.kind).toBe('complete')
    })

    test('off offers nothing', async () => {
      const { first } = await arrive({ passkey: 'off' })
      expect((await first.view()).outcome?.kind).toBe('complete')
    })

    test('offers nothing to whoever has a passkey', async () => {
      const org = await house().newOrg()
      const { email } = await org.person({ passkey: true })
      const came = await visit(org)
      await came.answer('identify', { identifier: email })
      await came.useCode(email)
      expect((await came.view()).outcome?.kind).toBe('complete')
    })
  })
})
