import { randomBytes } from 'node:crypto'
import { createAuthenticator, createKeyPair } from '@latchkey/webauthn/testing'
import { describe, expect, test } from 'vitest'
import { minute } from '../platform/clock.ts'
import { inTransaction } from '../platform/database/index.ts'
import { findCredential, removeCredential } from '../records/credentials/index.ts'
import { setUserStatus } from '../records/users/index.ts'
import { describeEachHouse } from '../testing/each-database.ts'
import { snapshot, type TestOrg } from '../testing/index.ts'
import { answerSignIn } from './index.ts'
import { depsOf, type Visit, visit } from './testing.ts'

type Ceremony = Awaited<ReturnType<Visit['startPasskey']>>

describeEachHouse('Signing in by a passkey', (house) => {
  const setUp = async (passkey: Parameters<TestOrg['person']>[0] = {}) => {
    const org = await house().newOrg()
    const person = await org.person({ passkey: true, ...passkey })
    const [held] = person.authenticator.credentials()
    if (!held) throw new Error('There is no passkey')
    return { org, person, held, asked: await visit(org) }
  }
  const credentialOf = async (org: TestOrg, id: string) => await findCredential(house().ground.db, org.id, org.rpId, id)
  const expired = { code: 'ceremony_expired', status: 400 }

  test('needs no name: whoever has a passkey here is found by it', async () => {
    const { person, asked } = await setUp()
    const { publicKey } = await asked.startPasskey('button')
    expect(publicKey.allowCredentials ?? []).toEqual([])
    await asked.usePasskey(person.authenticator)
    expect(await asked.session()).toMatchObject({
      userId: person.id,
      authentications: [{ method: 'passkey', userVerified: true, deviceBound: false }],
    })
  })

  test('asks for the passkeys of whoever was named, by what carries them', async () => {
    const { org, held, person, asked } = await setUp()
    await asked.answer('identify', { identifier: person.email })
    const { publicKey } = await asked.startPasskey('identified')
    expect(publicKey.rpId).toBe(org.rpId)
    expect(publicKey.allowCredentials).toEqual([{ id: held.id, type: 'public-key', transports: ['internal'] }])
  })

  test('lets whoever was named be somebody else after all', async () => {
    const { org, asked } = await setUp()
    const other = await org.person({ passkey: true })
    await asked.answer('identify', { identifier: 'nobody@example.com' })
    await asked.usePasskey(other.authenticator)
    expect((await asked.session())?.userId).toBe(other.id)
  })

  test('records the session with its passkey', async () => {
    const { org, held, person, asked } = await setUp()
    await asked.usePasskey(person.authenticator)
    expect(await org.events({ types: ['session.started'] })).toMatchObject([
      {
        userId: person.id,
        outcome: 'SUCCESS',
        details: { method: 'passkey', credentialId: held.id, userVerified: true },
      },
    ])
  })

  test('keeps the new sign count, the backup state, and when and where it was used', async () => {
    const { org, held, person, asked } = await setUp({ passkey: { counter: 4, backupState: false } })
    expect(await credentialOf(org, held.id)).toMatchObject({ signCount: 4, backupState: false, lastUsedAt: null })
    await asked.usePasskey(person.authenticator, { flags: { backupState: true } })
    expect(await credentialOf(org, held.id)).toMatchObject({
      signCount: 5,
      backupState: true,
      lastUsedAt: house().clock(),
      lastUsedUserAgent: 'Firefox/140 Linux',
    })
  })

  test('takes a sign count that fell as a sign of a copy: recorded, and not refused', async () => {
    const { org, held, person, asked } = await setUp({ passkey: { counter: 9 } })
    await asked.usePasskey(person.authenticator, { counter: 3 })
    expect((await asked.view()).outcome?.kind).toBe('complete')
    expect(await org.events({ types: ['passkey.count-decreased'] })).toMatchObject([
      { userId: person.id, details: { credentialId: held.id, kept: 9, given: 3 } },
    ])
    expect(await credentialOf(org, held.id)).toMatchObject({ signCount: 9 })
    const [started] = await org.events({ types: ['session.started'] })
    expect(started?.details).toMatchObject({ signals: ['counter_regressed'] })
  })

  describe('WebAuthn §7.2 refuses, with its reason, and spends the challenge', () => {
    test.each([
      ['user_not_present', { flags: { userPresent: false } }],
      ['user_not_verified', { flags: { userVerified: false } }],
      ['signature_invalid', { signingKey: createKeyPair('ES256', randomBytes) }],
      [
        'signature_invalid',
        { signature: (bytes: Uint8Array) => bytes.map((byte, at) => (at === 20 ? byte ^ 1 : byte)) },
      ],
      ['origin_not_allowed', { origin: 'https://evil.example' }],
      ['rp_id_mismatch', { rpId: 'evil.example' }],
      ['cross_origin_not_allowed', { crossOrigin: true }],
      ['type_mismatch', { type: 'webauthn.create' }],
      ['challenge_mismatch', { challenge: Buffer.alloc(32, 7).toString('base64url') }],
      ['user_handle_mismatch', { userHandle: Buffer.alloc(15, 7).toString('base64url') }],
      ['backup_eligibility_changed', { flags: { backupEligible: false, backupState: false } }],
      ['backup_state_invalid', { flags: { backupEligible: false, backupState: true } }],
    ])('%s', async (reason, overrides) => {
      const { org, held, person, asked } = await setUp()
      const { ceremony, publicKey } = await asked.startPasskey()
      const before = await snapshot(house().ground.db, ['event', 'attempt_limit', 'ceremony'])
      const bad = person.authenticator.get(publicKey, { origin: org.url, ...overrides })
      await expect(asked.answer('passkey', { ceremony, response: bad })).rejects.toMatchObject({
        code: 'passkey_refused',
        status: 401,
        details: { reason },
        audit: { event: 'passkey.refused', userId: person.id, details: { reason } },
      })
      expect(await snapshot(house().ground.db, ['event', 'attempt_limit', 'ceremony'])).toEqual(before)
      const good = person.authenticator.get(publicKey, { origin: org.url })
      await expect(asked.answer('passkey', { ceremony, response: good })).rejects.toMatchObject(expired)
      expect(await credentialOf(org, held.id)).toMatchObject({ lastUsedAt: null })
    })

    test.each([undefined, null, 'text', {}, { id: 'x' }, { id: 7, response: [] }])(
      '%j, which is no response',
      async (response) => {
        const { asked } = await setUp()
        const { ceremony } = await asked.startPasskey()
        await expect(asked.answer('passkey', { ceremony, response })).rejects.toMatchObject({
          code: 'passkey_refused',
          details: { reason: 'response_malformed' },
        })
        await expect(asked.answer('passkey', { ceremony, response })).rejects.toMatchObject(expired)
      },
    )
  })

  describe('A passkey that is not known here', () => {
    test('is refused, and its provider is to be told', async () => {
      const { org, held, person, asked } = await setUp()
      await inTransaction(house().ground.db, (tx) => removeCredential(tx, org.id, person.id, held.id))
      await expect(asked.usePasskey(person.authenticator)).rejects.toMatchObject({
        code: 'passkey_not_recognised',
        status: 401,
        details: { signal: { unknownCredential: { rpId: org.rpId, credentialId: held.id } } },
        audit: { event: 'passkey.refused', details: { credentialId: held.id } },
      })
      expect(asked.token).toBeUndefined()
    })

    test('may be one that another org knows', async () => {
      const { org, asked } = await setUp()
      const elsewhere = await (await house().newOrg()).person({ passkey: true })
      const { ceremony, publicKey } = await asked.startPasskey()
      const [held] = elsewhere.authenticator.credentials()
      const overrides = { origin: org.url, credentialId: held?.id ?? '', rpId: org.rpId }
      const response = elsewhere.authenticator.get(publicKey, overrides)
      await expect(asked.answer('passkey', { ceremony, response })).rejects.toMatchObject({
        code: 'passkey_not_recognised',
      })
    })
  })

  test('refuses a user who may not sign in any more', async () => {
    const { org, person, asked } = await setUp()
    await inTransaction(house().ground.db, (tx) => setUserStatus(tx, org.id, person.id, 'suspended', 1))
    await expect(asked.usePasskey(person.authenticator)).rejects.toMatchObject({
      code: 'user_not_allowed',
      status: 403,
    })
    expect(asked.token).toBeUndefined()
  })

  describe('A challenge', () => {
    const answerOf = ({ org, person }: Awaited<ReturnType<typeof setUp>>, { ceremony, publicKey }: Ceremony) => ({
      ceremony,
      response: person.authenticator.get(publicKey, { origin: org.url }),
    })

    test('is answered once', async () => {
      const begun = await setUp()
      const answer = answerOf(begun, await begun.asked.startPasskey())
      await begun.asked.answer('passkey', answer)
      const again = await visit(begun.org)
      await expect(again.answer('passkey', answer)).rejects.toMatchObject(expired)
      expect(again.token).toBeUndefined()
    })

    test('is answered by one of fifty at once', async () => {
      const begun = await setUp()
      const { asked, org } = begun
      const answer = answerOf(begun, await asked.startPasskey())
      const results = await Promise.allSettled(Array.from({ length: 50 }, () => asked.answer('passkey', answer)))
      const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []))
      expect(reasons).toHaveLength(49)
      // Those who came when it was over found the step closed; the others found the challenge gone.
      expect(new Set(['ceremony_expired', 'step_not_open', 'transaction_changed'])).toEqual(
        new Set([...reasons, 'ceremony_expired', 'step_not_open', 'transaction_changed']),
      )
      expect(await org.events({ types: ['session.started'] })).toHaveLength(1)
    })

    test('outlives the five minutes that the browser is given, by one', async () => {
      const begun = await setUp()
      const first = await begun.asked.startPasskey()
      const second = await begun.asked.startPasskey()
      expect(first.publicKey.timeout).toBe(5 * minute)
      expect(first.expiresAt).toBe(house().clock() + 6 * minute)
      house().clock.advance(6 * minute - 1)
      await expect(begun.asked.answer('passkey', answerOf(begun, first))).resolves.toBeDefined()
      const late = await visit(begun.org)
      const third = await late.startPasskey()
      house().clock.advance(6 * minute)
      await expect(late.answer('passkey', answerOf(begun, third))).rejects.toMatchObject(expired)
      await expect(late.answer('passkey', answerOf(begun, second))).rejects.toMatchObject(expired)
    })

    test.each(['transaction', 'org', 'purpose'] as const)(
      'of another %s is refused, and stays good for its owner',
      async (kind) => {
        const begun = await setUp()
        const { org, asked, person } = begun
        const answer = answerOf(begun, await asked.startPasskey())
        const thief =
          kind === 'transaction' ? await visit(org) : kind === 'org' ? await visit(await house().newOrg()) : undefined
        if (thief) {
          await expect(thief.answer('passkey', answer)).rejects.toMatchObject(expired)
        } else {
          const enrolling = await visit(org, { isFreshRequired: true })
          const fresh = await org.person()
          await enrolling.answer('identify', { identifier: fresh.email })
          await enrolling.useCode(fresh.email)
          const made = createAuthenticator().create(
            { ...(await enrolling.startEnrolment()).publicKey },
            { origin: org.url },
          )
          await expect(
            enrolling.answer('enrol-passkey', { ceremony: answer.ceremony, response: made }),
          ).rejects.toMatchObject(expired)
        }
        await asked.answer('passkey', answer)
        expect((await asked.session())?.userId).toBe(person.id)
      },
    )

    test('cannot be swapped: the response to one does not answer the other', async () => {
      const begun = await setUp()
      const one = await begun.asked.startPasskey()
      const two = await begun.asked.startPasskey()
      const { response } = answerOf(begun, one)
      await expect(begun.asked.answer('passkey', { ceremony: two.ceremony, response })).rejects.toMatchObject({
        code: 'passkey_refused',
        details: { reason: 'challenge_mismatch' },
      })
      await expect(begun.asked.answer('passkey', { ceremony: one.ceremony, response })).resolves.toBeDefined()
    })

    test('is verified against what was asked, whatever the org says meanwhile', async () => {
      const begun = await setUp()
      const { org, asked, person } = begun
      const answer = answerOf(begun, await asked.startPasskey())
      const current = await org.current()
      const moved = { ...current, url: 'https://moved.example', rpId: 'moved.example' }
      const context = { requestId: 'r', ip: '192.0.2.1' }
      const transaction = await asked.load()
      const input = { transaction, step: 'passkey', input: answer, context } as const
      const { transaction: after } = await answerSignIn(depsOf(org), moved, input)
      expect(after.state.subject?.userId).toBe(person.id)
    })

    test('is asked for only where a passkey can be answered', async () => {
      const { org, asked } = await setUp()
      await asked.answer('switch', { to: 'sign-up' })
      await expect(asked.startPasskey()).rejects.toMatchObject({ code: 'step_not_open' })
      const { ceremony: kept = [] } = await snapshot(house().ground.db)
      expect(kept.filter((row) => row.includes(org.id))).toEqual([])
    })
  })
})
