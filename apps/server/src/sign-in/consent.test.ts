import { expect, test } from 'vitest'
import { inTransaction } from '../platform/database/index.ts'
import { findConsent } from '../records/grants/index.ts'
import { endSession } from '../records/sessions/index.ts'
import { describeEachHouse } from '../testing/each-database.ts'
import { asking, sessionOf, viewOf, visit } from './testing.ts'

describeEachHouse('Consent', (house) => {
  const setUp = async (consent: 'required' | 'trusted' = 'required') => {
    const org = await house().newOrg()
    const person = await org.person({ passkey: true })
    const client = await org.client({ consent })
    const session = await sessionOf(org, person)
    return { org, person, client, session }
  }

  test('is asked once, with what the client wants, and remembered', async () => {
    const { org, person, client, session } = await setUp()
    const asked = await visit(org, asking(client), { session })
    expect((await asked.view()).steps).toEqual([{ name: 'consent', clientName: 'Notes', scopes: ['openid', 'email'] }])
    await asked.answer('consent', { decision: 'allow' })
    expect((await asked.view()).outcome?.kind).toBe('complete')
    expect(await findConsent(house().ground.db, org.id, person.id, client.id, 'default' as never)).toEqual(
      expect.arrayContaining(['openid', 'email']),
    )
    expect((await viewOf(org, asking(client), session)).outcome?.kind).toBe('complete')
    expect(await org.events({ types: ['consent.given'] })).toMatchObject([
      { userId: person.id, clientId: client.id, details: { scopes: ['openid', 'email'] } },
    ])
  })

  test('is not given in the name of a session that has ended', async () => {
    const { org, person, client, session } = await setUp()
    const asked = await visit(org, asking(client), { session })
    const { db } = house().ground
    await inTransaction(db, (tx) => endSession(tx, org.id, session.id))
    await expect(asked.answer('consent', { decision: 'allow' })).rejects.toMatchObject({ code: 'transaction_expired' })
    expect(await findConsent(db, org.id, person.id, client.id, 'default' as never)).toBeUndefined()
  })

  test('is asked again when the client adds a scope, not when it leaves one out', async () => {
    const { org, client, session } = await setUp()
    const asked = await visit(org, asking(client), { session })
    await asked.answer('consent', { decision: 'allow' })
    const less = await viewOf(org, asking(client, { scopes: ['openid'] }), session)
    expect(less.outcome?.kind).toBe('complete')
    const more = await viewOf(org, asking(client, { scopes: ['openid', 'phone'] }), session)
    expect(more.steps).toMatchObject([{ name: 'consent', scopes: ['openid', 'phone'] }])
    const second = await visit(org, asking(client, { scopes: ['openid', 'phone'] }), { session })
    await second.answer('consent', { decision: 'allow' })
    const both = await viewOf(org, asking(client, { scopes: ['openid', 'email', 'phone'] }), session)
    expect(both.outcome?.kind).toBe('complete')
  })

  test('is asked again where the request wants it (prompt=consent), once', async () => {
    const { org, client, session } = await setUp()
    await (await visit(org, asking(client), { session })).answer('consent', { decision: 'allow' })
    const again = await visit(org, asking(client, { isConsentRequired: true }), { session })
    expect(await again.steps()).toEqual(['consent'])
    await again.answer('consent', { decision: 'allow' })
    expect((await again.view()).outcome?.kind).toBe('complete')
  })

  test('is not asked for a client that the org trusts', async () => {
    const { org, client, session } = await setUp('trusted')
    expect((await viewOf(org, asking(client), session)).outcome?.kind).toBe('complete')
  })

  test('of one user is not that of another, nor for another client', async () => {
    const { org, client, session } = await setUp()
    await (await visit(org, asking(client), { session })).answer('consent', { decision: 'allow' })
    const other = await sessionOf(org, await org.person({ passkey: true }))
    expect((await viewOf(org, asking(client), other)).steps[0]?.name).toBe('consent')
    expect((await viewOf(org, asking(await org.client()), session)).steps[0]?.name).toBe('consent')
  })

  test('denied ends the sign-in, is recorded, and is not remembered', async () => {
    const { org, person, client, session } = await setUp()
    const asked = await visit(org, asking(client), { session })
    await asked.answer('consent', { decision: 'deny' })
    expect((await asked.takeOutcome()).outcome).toEqual({ kind: 'denied', reason: 'consent_denied' })
    expect(await org.events({ types: ['consent.denied'] })).toMatchObject([{ userId: person.id, clientId: client.id }])
    expect((await viewOf(org, asking(client), session)).steps[0]?.name).toBe('consent')
  })

  test.each([{}, { decision: 'yes' }, { decision: ['allow', 'deny'] }, { decision: true }])(
    'is not given by %j',
    async (input) => {
      const { org, client, session } = await setUp()
      const asked = await visit(org, asking(client), { session })
      await expect(asked.answer('consent', input)).rejects.toMatchObject({
        code: 'input_invalid',
        details: { field: 'decision' },
      })
      expect(await asked.steps()).toEqual(['consent'])
    },
  )
})
