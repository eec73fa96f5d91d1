import { describe, expect, test } from 'vitest'
import { second } from '../platform/clock.ts'
import { inTransaction } from '../platform/database/index.ts'
import { endSession, findSessionByToken, listSessions } from '../records/sessions/index.ts'
import { describeEachHouse } from '../testing/each-database.ts'
import { sessionOf, visit } from './testing.ts'

describeEachHouse('A proof of who it is', (house) => {
  const find = async (org: { id: Parameters<typeof findSessionByToken>[1] }, token = '') =>
    await findSessionByToken(house().ground.db, org.id, token, house().ground.now())

  test('starts a session with its time, its place and its method', async () => {
    const org = await house().newOrg()
    const person = await org.person({ passkey: true })
    const session = await sessionOf(org, person)
    expect(session).toMatchObject({
      userId: person.id,
      createdAt: house().clock(),
      ip: '192.0.2.10',
      userAgent: 'Firefox/140 Linux',
      authentications: [{ method: 'passkey', at: house().clock() }],
    })
  })

  test('starts none while nothing is proven', async () => {
    const org = await house().newOrg()
    const { email } = await org.person()
    const asked = await visit(org)
    await asked.answer('identify', { identifier: email })
    await asked.answer('send-code')
    await expect(asked.answer('code', { code: 'wrong' })).rejects.toMatchObject({ code: 'code_incorrect' })
    expect(asked.token).toBeUndefined()
    expect((await org.events()).map(({ name }) => name)).not.toContain('session.started')
  })

  describe('Session fixation', () => {
    test('a second proof strengthens the session and changes its token', async () => {
      const org = await house().newOrg()
      const { email, id, authenticator } = await org.person({ passkey: true })
      await org.policy('app-access', { factors: 'two', passkeySatisfiesTwo: false })
      const twice = await visit(org)
      await twice.usePasskey(authenticator)
      const first = twice.token
      const started = await twice.session()
      house().clock.advance(second)
      const again = await visit(org, { isFreshRequired: true }, { session: started, boundTo: twice.boundTo })
      await again.useCode(email)
      expect(again.token).not.toBe(first)
      expect(await find(org, first)).toBeUndefined()
      const strengthened = await again.session()
      expect(strengthened).toMatchObject({
        id: started?.id,
        userId: id,
        authentications: [{ method: 'passkey' }, { method: 'email-code' }],
      })
      expect((await org.events({ userId: id })).map(({ name }) => name)).toContain('session.strengthened')
    })

    test('the same proof again changes the token too', async () => {
      const org = await house().newOrg()
      const person = await org.person({ passkey: true })
      const first = await visit(org)
      await first.usePasskey(person.authenticator)
      house().clock.advance(second)
      const again = await visit(org, { isFreshRequired: true }, { session: await first.session() })
      await again.usePasskey(person.authenticator)
      expect(await find(org, first.token)).toBeUndefined()
      expect((await find(org, again.token))?.authentications).toMatchObject([{ at: house().clock() }])
    })

    test('in place of a session that has ended meanwhile starts another, without its proofs', async () => {
      const org = await house().newOrg()
      const person = await org.person({ passkey: true })
      const session = await sessionOf(org, person)
      house().clock.advance(second)
      const again = await visit(org, { isFreshRequired: true }, { session })
      await inTransaction(house().ground.db, (tx) => endSession(tx, org.id, session.id))
      await again.useCode(person.email)
      const started = await again.session()
      expect(started?.id).not.toBe(session.id)
      expect(started?.authentications.map(({ method }) => method)).toEqual(['email-code'])
      expect((await again.view()).outcome).toMatchObject({ kind: 'complete', sessionId: started?.id })
    })
  })

  describe('Another user in the same browser', () => {
    test('ends the session of the first', async () => {
      const org = await house().newOrg()
      const [ada, bob] = [await org.person({ passkey: true }), await org.person({ passkey: true })]
      const session = await sessionOf(org, ada)
      house().clock.advance(second)
      const other = await visit(org, { isFreshRequired: true }, { session })
      await other.usePasskey(bob.authenticator)
      expect((await other.session())?.userId).toBe(bob.id)
      expect(await listSessions(house().ground.db, org.id, ada.id, house().clock())).toEqual([])
      expect(await org.events({ types: ['session.ended'] })).toMatchObject([
        { userId: ada.id, details: { sessionId: session.id, cause: 'replaced' } },
      ])
    })

    test('ends it also after "use a different account"', async () => {
      const org = await house().newOrg()
      const [ada, bob] = [await org.person({ passkey: true }), await org.person({ passkey: true })]
      const session = await sessionOf(org, ada)
      house().clock.advance(second)
      const other = await visit(org, { isFreshRequired: true }, { session })
      await other.answer('restart')
      await other.answer('identify', { identifier: bob.email })
      await other.usePasskey(bob.authenticator)
      expect((await other.session())?.userId).toBe(bob.id)
      expect(await listSessions(house().ground.db, org.id, ada.id, house().clock())).toEqual([])
    })

    test('does not inherit what the first had proven', async () => {
      const org = await house().newOrg()
      const [ada, bob] = [await org.person({ passkey: true }), await org.person()]
      const session = await sessionOf(org, ada)
      house().clock.advance(second)
      const other = await visit(org, { isFreshRequired: true }, { session })
      await other.answer('restart')
      await other.answer('identify', { identifier: bob.email })
      await other.useCode(bob.email)
      expect((await other.session())?.authentications.map(({ method }) => method)).toEqual(['email-code'])
    })
  })

  test('leaves the sessions of the same person in other browsers alone', async () => {
    const org = await house().newOrg()
    const person = await org.person({ passkey: true })
    await sessionOf(org, person)
    await sessionOf(org, person)
    expect(await listSessions(house().ground.db, org.id, person.id, house().clock())).toHaveLength(2)
  })
})
