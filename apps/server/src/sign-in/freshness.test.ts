import { describe, expect, test } from 'vitest'
import { minute, second } from '../platform/clock.ts'
import { inTransaction } from '../platform/database/index.ts'
import { setUserStatus } from '../records/users/index.ts'
import { describeEachHouse } from '../testing/each-database.ts'
import { asking, sessionOf, viewOf, visit } from './testing.ts'

describeEachHouse('OpenID Connect Core §3.1.2.1 freshness', (house) => {
  const setUp = async () => {
    const org = await house().newOrg()
    const person = await org.person({ passkey: true })
    const session = await sessionOf(org, person)
    return { org, person, session }
  }

  test('prompt=login asks the same person for a new proof, and is content with it', async () => {
    const { org, person, session } = await setUp()
    house().clock.advance(1)
    const again = await visit(org, { isFreshRequired: true }, { session })
    expect(await again.steps()).toEqual(['passkey', 'send-code', 'password'])
    expect((await again.view()).user).toMatchObject({ identifier: person.email })
    await again.usePasskey(person.authenticator)
    expect((await again.view()).outcome).toEqual({ kind: 'complete', userId: person.id, sessionId: session.id })
  })

  test.each([
    ['a minute old', 5 * minute, minute, 'complete'],
    ['just young enough', minute, minute, 'complete'],
    ['a millisecond too old', minute, minute + 1, undefined],
    ['of this very moment', 0, 0, 'complete'],
    ['a second old, for max_age=0', 0, second, undefined],
  ])('max_age judges a session that is %s', async (_name, maxAgeMs, age, kind) => {
    const { org, session } = await setUp()
    house().clock.advance(age)
    expect((await viewOf(org, { maxAgeMs }, session)).outcome?.kind).toBe(kind)
  })

  test('a proof does not grow stale while the consent page is read', async () => {
    const { org, person } = await setUp()
    const slow = await visit(org, asking(await org.client(), { maxAgeMs: minute }))
    await slow.usePasskey(person.authenticator)
    house().clock.advance(10 * minute)
    expect(await slow.steps()).toEqual(['consent'])
    await slow.answer('consent', { decision: 'allow' })
    expect((await slow.view()).outcome?.kind).toBe('complete')
  })

  test("an app's policy can ask for a new proof after a while", async () => {
    const { org, session } = await setUp()
    const strict = await org.client({ consent: 'trusted' })
    const other = await org.client({ consent: 'trusted' })
    await org.policy('app-access', { reauthenticateAfterMs: 5 * minute }, { clients: [strict.id] })
    house().clock.advance(5 * minute + 1)
    expect((await viewOf(org, asking(strict), session)).steps[0]?.name).toBe('passkey')
    expect((await viewOf(org, asking(other), session)).outcome?.kind).toBe('complete')
  })

  describe('A session vouches for its user', () => {
    test('not when the user may no longer sign in', async () => {
      const { org, person, session } = await setUp()
      await inTransaction(house().ground.db, (tx) =>
        setUserStatus(tx, org.id, person.id, 'suspended', house().ground.now()),
      )
      expect((await viewOf(org, {}, session)).steps[0]?.name).toBe('identify')
    })

    test('not when another user is asked for', async () => {
      const { org, session } = await setUp()
      const { id } = await org.person()
      expect((await viewOf(org, { onlyUserId: id }, session)).steps[0]?.name).toBe('identify')
    })
  })

  describe('Reauthentication', () => {
    test('names the person from the start', async () => {
      const { org, person } = await setUp()
      const again = await visit(org, { onlyUserId: person.id, loginHint: person.email })
      expect(await again.steps()).toEqual(['passkey', 'send-code', 'password'])
    })

    test('takes no other person, and starts no session for them', async () => {
      const { org, person, session } = await setUp()
      const other = await org.person({ passkey: true })
      house().clock.advance(1)
      const asked = { onlyUserId: person.id, loginHint: person.email, isFreshRequired: true }
      const again = await visit(org, asked, { session })
      await expect(again.usePasskey(other.authenticator)).rejects.toMatchObject({ code: 'wrong_user', status: 403 })
      expect(again.token).toBeUndefined()
      expect((await again.load()).state.subject?.userId).toBe(person.id)
      await again.usePasskey(person.authenticator)
      expect((await again.view()).outcome).toMatchObject({ kind: 'complete', userId: person.id })
    })
  })
})
