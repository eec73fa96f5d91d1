import { createAuthenticator, type KeyAlgorithm } from '@latchkey/webauthn/testing'
import { describe, expect, test } from 'vitest'
import { deactivateUser, suspendUser, type UserChange } from '../directory/index.ts'
import { inTransaction, type Transaction } from '../platform/database/index.ts'
import { listCredentials } from '../records/credentials/index.ts'
import { endSessionsOfUser } from '../records/sessions/index.ts'
import { describeEachHouse } from '../testing/each-database.ts'
import { givePasskey, type NewOrgOptions, snapshot } from '../testing/index.ts'
import { startRegistration } from './index.ts'
import { asking, depsOf, visit } from './testing.ts'

const byPasskey = { factors: 'passkey' } as const

describeEachHouse('Creating a passkey', (house) => {
  /** Somebody who came by a code and is offered a passkey. */
  const setUp = async (options: NewOrgOptions = {}) => {
    const org = await house().newOrg(options)
    const person = await org.person()
    const offered = await visit(org)
    await offered.answer('identify', { identifier: person.email })
    await offered.useCode(person.email)
    return { org, person, offered }
  }
  const passkeysOf = async ({ org, person }: Awaited<ReturnType<typeof setUp>>) =>
    await listCredentials(house().ground.db, org.id, person.id)

  test('asks for one that signs in without a name, for this user and this org', async () => {
    const { org, person, offered } = await setUp()
    const { publicKey } = await offered.startEnrolment()
    expect(publicKey).toMatchObject({
      rp: { id: org.rpId },
      user: { id: person.id, name: person.email, displayName: person.email },
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      hints: ['client-device', 'hybrid', 'security-key'],
      excludeCredentials: [],
    })
    expect(publicKey.pubKeyCredParams.map(({ alg }) => alg)).toEqual(expect.arrayContaining([-7, -257]))
  })

  test('keeps it with its name and the handle of its user, records it, and tells its owner', async () => {
    const begun = await setUp()
    const { org, person, offered } = begun
    await offered.makePasskey(person.authenticator)
    const [held] = person.authenticator.credentials()
    expect(await passkeysOf(begun)).toMatchObject([
      {
        id: held?.id,
        rpId: org.rpId,
        userHandle: person.id,
        name: 'Firefox on Linux',
        createdAutomatically: false,
        lastUsedAt: null,
      },
    ])
    expect(await org.events({ types: ['passkey.created'] })).toMatchObject([
      { userId: person.id, details: { credentialId: held?.id, isAutomatic: false } },
    ])
    const [mail] = (await org.mail(person.email)).filter(({ subject }) => subject.includes('passkey was added'))
    expect(mail?.body).toContain('Firefox on Linux')
  })

  describe('by whoever may not be signed in any more, in a sign-in that was left open,', () => {
    const endings: [string, (tx: Transaction, change: UserChange) => Promise<unknown>][] = [
      ['whose session was ended', (tx, { org, userId }) => endSessionsOfUser(tx, org, userId)],
      ['who was suspended', suspendUser],
      ['who was deactivated', deactivateUser],
    ]

    test.each(endings)('is neither begun nor finished: %s', async (_, end) => {
      const begun = await setUp()
      const { org, person, offered } = begun
      const { ceremony, publicKey } = await offered.startEnrolment()
      const response = person.authenticator.create(publicKey, { origin: org.url })
      const change = { org: org.id, userId: person.id, at: house().clock() }
      await inTransaction(house().ground.db, (tx) => end(tx, change))
      await expect(offered.startEnrolment()).rejects.toMatchObject({ code: 'transaction_expired' })
      const finished = offered.answer('enrol-passkey', { ceremony, response })
      await expect(finished).rejects.toMatchObject({ code: 'transaction_expired', status: 404 })
      expect(await passkeysOf(begun)).toEqual([])
    })
  })

  test.each(['ES256', 'EdDSA', 'RS256'] satisfies KeyAlgorithm[])(
    'takes %s, and signs in with it',
    async (algorithm) => {
      const begun = await setUp()
      const authenticator = createAuthenticator({ algorithm })
      await begun.offered.makePasskey(authenticator)
      const back = await visit(begun.org)
      await back.usePasskey(authenticator)
      expect((await back.session())?.userId).toBe(begun.person.id)
    },
  )

  test('names a security key as one', async () => {
    const begun = await setUp()
    await begun.offered.makePasskey(createAuthenticator({ transports: ['usb', 'nfc'], backupEligible: false }))
    expect(await passkeysOf(begun)).toMatchObject([{ name: 'Security key', backupEligible: false }])
  })

  test('names those that the user has, so that an authenticator does not make a second', async () => {
    const org = await house().newOrg()
    const person = await org.person({ passkey: true })

    const registration = { deps: depsOf(org), org: await org.current(), userId: person.id, boundTo: 'x', at: 1 }
    const { publicKey } = await startRegistration(registration)
    const [held] = person.authenticator.credentials()
    expect(publicKey.excludeCredentials).toEqual([{ id: held?.id, type: 'public-key', transports: ['internal'] }])
    expect(() => person.authenticator.create(publicKey, { origin: org.url })).toThrow(
      expect.objectContaining({ name: 'InvalidStateError' }),
    )
  })

  test('refuses the same credential twice, for the same user and for another', async () => {
    const begun = await setUp()
    const credentialId = new Uint8Array(16).fill(7)
    await begun.offered.makePasskey(createAuthenticator(), { credentialId })
    const other = await begun.org.person()
    const thief = await visit(begun.org)
    await thief.answer('identify', { identifier: other.email })
    await thief.useCode(other.email)
    const before = await snapshot(house().ground.db, ['event', 'ceremony'])
    await expect(thief.makePasskey(createAuthenticator(), { credentialId })).rejects.toMatchObject({
      code: 'passkey_already_registered',
      status: 409,
    })
    expect(await snapshot(house().ground.db, ['event', 'ceremony'])).toEqual(before)
    expect(await passkeysOf(begun)).toHaveLength(1)
  })

  test('refuses more than the org allows', async () => {
    const org = await house().newOrg({ settings: { brand: {}, passkeyLimit: 2 } })
    const { id } = await org.person()
    await givePasskey(org, id, createAuthenticator())
    await givePasskey(org, id, createAuthenticator())
    await expect(givePasskey(org, id, createAuthenticator())).rejects.toMatchObject({
      code: 'passkey_limit_reached',
      details: { limit: 2 },
    })
    expect(await listCredentials(house().ground.db, org.id, id)).toHaveLength(2)
  })

  describe('WebAuthn §7.1 refuses, with its reason, and spends the challenge', () => {
    test.each([
      ['user_not_present', { flags: { userPresent: false } }],
      ['user_not_verified', { flags: { userVerified: false } }],
      ['origin_not_allowed', { origin: 'https://evil.example' }],
      ['rp_id_mismatch', { rpId: 'evil.example' }],
      ['type_mismatch', { type: 'webauthn.get' }],
      ['challenge_mismatch', { challenge: Buffer.alloc(32, 7).toString('base64url') }],
      ['cross_origin_not_allowed', { crossOrigin: true }],
    ])('%s', async (reason, overrides) => {
      const begun = await setUp()
      const { org, person, offered } = begun
      const { ceremony, publicKey } = await offered.startEnrolment()
      const bad = person.authenticator.create(publicKey, { origin: org.url, ...overrides })
      await expect(offered.answer('enrol-passkey', { ceremony, response: bad })).rejects.toMatchObject({
        code: 'passkey_refused',
        details: { reason },
        audit: { event: 'passkey.refused', userId: person.id },
      })
      const good = person.authenticator.create(publicKey, { origin: org.url })
      await expect(offered.answer('enrol-passkey', { ceremony, response: good })).rejects.toMatchObject({
        code: 'ceremony_expired',
      })
      expect(await passkeysOf(begun)).toEqual([])
      expect(await offered.steps()).toEqual(['enrol-passkey'])
    })
  })

  describe('Without a dialog (conditional create)', () => {
    const silent = { flags: { userPresent: false, userVerified: false } }

    test('is taken where it was asked for, and marked as made by the browser', async () => {
      const begun = await setUp()
      const { org, person, offered } = begun
      const { ceremony, publicKey } = await offered.startEnrolment(true)
      expect(publicKey.authenticatorSelection?.userVerification).toBe('preferred')
      const response = person.authenticator.create(publicKey, { origin: org.url, ...silent })
      await offered.answer('enrol-passkey', { ceremony, response })
      expect(await passkeysOf(begun)).toMatchObject([{ createdAutomatically: true, uvInitialized: false }])
    })

    test('is refused where it was not', async () => {
      const begun = await setUp()
      await expect(begun.offered.makePasskey(begun.person.authenticator, silent)).rejects.toMatchObject({
        code: 'passkey_refused',
        details: { reason: 'user_not_present' },
      })
      expect(await passkeysOf(begun)).toEqual([])
    })
  })

  describe('A challenge', () => {
    test('belongs to the transaction of the person who was proven', async () => {
      const mine = await setUp()
      const victim = await mine.org.person()
      const theirs = await visit(mine.org)
      await theirs.answer('identify', { identifier: victim.email })
      await theirs.useCode(victim.email)
      const { ceremony, publicKey } = await theirs.startEnrolment()
      const response = mine.person.authenticator.create(publicKey, { origin: mine.org.url })
      await expect(mine.offered.answer('enrol-passkey', { ceremony, response })).rejects.toMatchObject({
        code: 'ceremony_expired',
      })
      expect(await passkeysOf(mine)).toEqual([])
      await expect(theirs.answer('enrol-passkey', { ceremony, response })).resolves.toBeDefined()
    })

    test('is answered by one of twenty at once', async () => {
      const begun = await setUp()
      const { ceremony, publicKey } = await begun.offered.startEnrolment()
      const response = begun.person.authenticator.create(publicKey, { origin: begun.org.url })
      const answers = Array.from({ length: 20 }, () => begun.offered.answer('enrol-passkey', { ceremony, response }))
      const results = await Promise.allSettled(answers)
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      expect(await passkeysOf(begun)).toHaveLength(1)
    })

    test('is not given before somebody was proven', async () => {
      const { org } = await setUp()
      const early = await visit(org)
      await early.answer('identify', { identifier: 'nobody@example.com' })
      await expect(early.startEnrolment()).rejects.toMatchObject({ code: 'step_not_open' })
    })
  })

  test('cannot be put off where the app asks for a passkey', async () => {
    const { org, offered, person } = await setUp()
    const client = await org.client({ consent: 'trusted' })
    await org.policy('app-access', byPasskey, { clients: [client.id] })
    expect((await offered.view()).steps).toMatchObject([{ isSkippable: true }])
    const strict = await visit(org, asking(client))
    await strict.answer('identify', { identifier: person.email })
    house().clock.advance(60_000)
    await strict.useCode(person.email)
    expect((await strict.view()).steps).toMatchObject([{ name: 'enrol-passkey', isSkippable: false }])
    await expect(strict.answer('skip')).rejects.toMatchObject({ code: 'step_not_open' })
  })
})
