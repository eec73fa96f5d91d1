import { describe, expect, test } from 'vitest'
import { minute } from '../platform/clock.ts'
import { hashSecret } from '../platform/hash.ts'
import { describeEachHouse } from '../testing/each-database.ts'
import { snapshot } from '../testing/index.ts'
import { loadSignIn } from './index.ts'
import { asking, depsOf, sessionOf, viewOf, visit } from './testing.ts'

describeEachHouse('The dispatcher', (house) => {
  test('asks first who it is, beside passkeys and the way to a new account', async () => {
    const org = await house().newOrg()
    const { steps, outcome } = await viewOf(org)
    expect(steps).toEqual([{ name: 'identify', canSignUp: true, hasPasskeys: true }])
    expect(outcome).toBeUndefined()
  })

  test('prefills the identifier that the client names', async () => {
    const org = await house().newOrg()
    const { steps } = await viewOf(org, { loginHint: 'ada@example.com' })
    expect(steps).toEqual([{ name: 'identify', canSignUp: true, hasPasskeys: true, loginHint: 'ada@example.com' }])
  })

  test('goes through proof, passkey and consent in this order, and is then complete', async () => {
    const org = await house().newOrg()
    const { email, id, authenticator } = await org.person()
    const through = await visit(org, asking(await org.client()))
    const seen = [await through.steps()]
    await through.answer('identify', { identifier: email })
    seen.push(await through.steps())
    await through.answer('send-code')
    await through.answer('select', { method: 'email-code' })
    seen.push(await through.steps())
    await through.answer('code', { code: await org.code(email) })
    seen.push(await through.steps())
    await through.makePasskey(authenticator)
    seen.push(await through.steps())
    await through.answer('consent', { decision: 'allow' })
    seen.push(await through.steps())
    expect(seen).toEqual([
      ['identify'],
      ['passkey', 'send-code', 'password'],
      ['code', 'passkey', 'password'],
      ['enrol-passkey'],
      ['consent'],
      [],
    ])
    const session = await through.session()
    expect((await through.view()).outcome).toEqual({ kind: 'complete', userId: id, sessionId: session?.id })
  })

  test('opens the same steps whoever the identifier names, or nobody', async () => {
    const org = await house().newOrg()
    const people = [
      (await org.person({ passkey: true })).email,
      (await org.person({ password: 'a long enough password' })).email,
      (await org.person({ status: 'suspended' })).email,
      'nobody@example.com',
      'nobody',
    ]
    for (const identifier of people) {
      const named = await visit(org)
      await named.answer('identify', { identifier })
      const { steps, user } = await named.view()
      expect(steps).toEqual([{ name: 'passkey' }, { name: 'send-code' }, { name: 'password' }])
      expect(user).toEqual({ identifier })
    }
  })

  test.each([
    ['password', 'password', ['password', 'passkey', 'send-code']],
    ['email-code', 'send-code', ['send-code', 'passkey', 'password']],
    ['passkey', 'passkey', ['passkey', 'send-code', 'password']],
  ] as const)('puts the method %s first when it was chosen, and keeps the others', async (method, _first, steps) => {
    const org = await house().newOrg()
    const chosen = await visit(org)
    await chosen.answer('identify', { identifier: 'ada@example.com' })
    await chosen.answer('select', { method })
    expect(await chosen.steps()).toEqual(steps)
  })

  test('forgets who it was, the hint included, when the person wants another account', async () => {
    const org = await house().newOrg()
    const again = await visit(org, { loginHint: 'ada@example.com' })
    await again.answer('identify', { identifier: 'ada@example.com' })
    await again.answer('select', { method: 'password' })
    await again.answer('restart')
    expect((await again.view()).steps).toEqual([{ name: 'identify', canSignUp: true, hasPasskeys: true }])
    await again.answer('identify', { identifier: 'bob@example.com' })
    expect(await again.steps()).toEqual(['passkey', 'send-code', 'password'])
  })

  test('takes what was typed along to the form for a new account, and back', async () => {
    const org = await house().newOrg()
    const torn = await visit(org)
    await torn.answer('identify', { identifier: 'ada@example.com' })
    await torn.answer('switch', { to: 'sign-up' })
    expect((await torn.view()).steps).toEqual([{ name: 'sign-up', email: 'ada@example.com' }])
    await torn.answer('switch', { to: 'sign-in' })
    expect(await torn.steps()).toEqual(['passkey', 'send-code', 'password'])
  })

  test('ends as denied when the person goes back to the app', async () => {
    const org = await house().newOrg()
    const left = await visit(org, asking(await org.client()))
    await left.answer('cancel')
    expect((await left.view()).outcome).toEqual({ kind: 'denied', reason: 'cancelled' })
    await expect(left.answer('identify', { identifier: 'ada' })).rejects.toMatchObject({ code: 'step_not_open' })
  })

  describe('refuses what is not open, and changes nothing', () => {
    test.each([
      ['code', { code: '123456' }],
      ['send-code', {}],
      ['password', { password: 'x' }],
      ['sign-up', { identifier: 'ada@example.com' }],
      ['enrol-passkey', { ceremony: 'cer', response: {} }],
      ['skip', {}],
      ['consent', { decision: 'allow' }],
      ['select', { method: 'password' }],
    ] as const)('%s before anybody was named', async (step, input) => {
      const org = await house().newOrg()
      const closed = await visit(org, asking(await org.client()))
      const before = await snapshot(house().ground.db)
      await expect(closed.answer(step, input)).rejects.toMatchObject({ code: 'step_not_open', status: 409 })
      expect(await snapshot(house().ground.db)).toEqual(before)
    })

    test.each([
      ['identify', { identifier: 'ada@example.com' }],
      ['code', { code: '123456' }],
      ['consent', { decision: 'allow' }],
    ] as const)('%s once a person was named', async (step, input) => {
      const org = await house().newOrg()
      const closed = await visit(org, asking(await org.client()))
      await closed.answer('identify', { identifier: 'ada@example.com' })
      await expect(closed.answer(step, input)).rejects.toMatchObject({ code: 'step_not_open' })
    })
  })

  describe('Answers of several tabs', () => {
    test('an answer to an older version is refused', async () => {
      const org = await house().newOrg()
      const tabs = await visit(org)
      await tabs.answer('identify', { identifier: 'ada@example.com' }, { version: 1 })
      await expect(tabs.answer('select', { method: 'password' }, { version: 1 })).rejects.toMatchObject({
        code: 'transaction_changed',
        status: 409,
      })
      expect((await tabs.load()).version).toBe(2)
    })

    test('of twenty at once, one counts', async () => {
      const org = await house().newOrg()
      const tabs = await visit(org)
      const names = Array.from({ length: 20 }, (_, index) => `person-${index}@example.com`)
      const results = await Promise.allSettled(
        names.map((identifier) => tabs.answer('identify', { identifier }, { version: 1 })),
      )
      const won = results.flatMap((result, index) => (result.status === 'fulfilled' ? [names[index]] : []))
      const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []))
      expect(won).toHaveLength(1)
      expect(new Set(reasons)).toEqual(new Set(['transaction_changed']))
      expect((await tabs.load()).state.claim?.identifier).toBe(won[0])
      expect((await tabs.load()).version).toBe(2)
    })
  })

  describe('The handle', () => {
    test('is 256 random bits of which only the hash is kept, and never begins with 00', async () => {
      const org = await house().newOrg()
      const { handle } = await visit(org)
      expect(handle).toMatch(/^02\.[\w-]{43}$/)
      const kept = JSON.stringify(await snapshot(house().ground.db))
      expect(kept).not.toContain(handle)
      expect(kept).toContain(hashSecret(handle))
    })

    test('opens nothing for another browser, for none, or in another org', async () => {
      const org = await house().newOrg()
      const other = await house().newOrg()
      const { handle, boundTo } = await visit(org)
      const expired = { code: 'transaction_expired', status: 404 }
      await expect(loadSignIn(depsOf(org), await org.current(), handle, 'browser:x')).rejects.toMatchObject(expired)
      await expect(loadSignIn(depsOf(org), await org.current(), handle, undefined)).rejects.toMatchObject(expired)
      await expect(loadSignIn(depsOf(org), await other.current(), handle, boundTo)).rejects.toMatchObject(expired)
      await expect(loadSignIn(depsOf(org), await org.current(), handle, boundTo)).resolves.toBeDefined()
    })

    test('ends after half an hour', async () => {
      const org = await house().newOrg()
      const slow = await visit(org)
      house().clock.advance(30 * minute - 1)
      await expect(slow.load()).resolves.toBeDefined()
      house().clock.advance(1)
      await expect(slow.load()).rejects.toMatchObject({ code: 'transaction_expired' })
    })
  })

  describe('The outcome', () => {
    test('is taken once, by the browser whose it is', async () => {
      const org = await house().newOrg()
      const { authenticator, id } = await org.person({ passkey: true })
      const done = await visit(org)
      await expect(done.takeOutcome()).rejects.toMatchObject({ code: 'transaction_unfinished', status: 400 })
      await done.usePasskey(authenticator)
      await expect(done.takeOutcome('browser:other')).rejects.toMatchObject({ code: 'transaction_expired' })
      const { outcome, transaction } = await done.takeOutcome()
      expect(outcome).toMatchObject({ kind: 'complete', userId: id })
      expect(transaction.state.request.continuation).toEqual({ to: '/account' })
      await expect(done.takeOutcome()).rejects.toMatchObject({ code: 'transaction_expired' })
    })

    test('goes to one of twenty who ask at once', async () => {
      const org = await house().newOrg()
      const { authenticator } = await org.person({ passkey: true })
      const done = await visit(org)
      await done.usePasskey(authenticator)
      const results = await Promise.allSettled(Array.from({ length: 20 }, () => done.takeOutcome()))
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    })

    test('stays as it was decided, whatever the policies say later', async () => {
      const org = await house().newOrg()
      const { authenticator } = await org.person({ passkey: true })
      const done = await visit(org, asking(await org.client({ consent: 'trusted' })))
      await done.usePasskey(authenticator)
      await org.policy('app-access', { factors: 'device-bound' })
      expect((await done.takeOutcome()).outcome.kind).toBe('complete')
    })

    test('is complete at once, and nothing is kept, where a session has all that is asked', async () => {
      const org = await house().newOrg()
      const person = await org.person({ passkey: true })
      const session = await sessionOf(org, person)
      const before = await snapshot(house().ground.db)
      const { outcome, steps } = await viewOf(org, {}, session)
      expect([outcome, steps]).toEqual([{ kind: 'complete', userId: person.id, sessionId: session.id }, []])
      expect(await snapshot(house().ground.db)).toEqual(before)
    })
  })
})
