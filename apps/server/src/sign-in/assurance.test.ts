import { createAuthenticator } from '@latchkey/webauthn/testing'
import { describe, expect, test } from 'vitest'
import { describeEachHouse } from '../testing/each-database.ts'
import { sessionOf, viewOf, visit } from './testing.ts'

const password = 'a long enough password'

describeEachHouse('A client that asks for more assurance', (house) => {
  describe('A phishing-resistant proof', () => {
    const asked = { requiredAssurance: ['phishing-resistant'] } as const

    test('is a passkey, and nothing else brings the sign-in forward', async () => {
      const org = await house().newOrg()
      const { email, authenticator } = await org.person({ passkey: true, password })
      const strict = await visit(org, asked)
      await strict.answer('identify', { identifier: email })
      await strict.answer('password', { password })
      expect(await strict.steps()).toEqual(['passkey'])
      await strict.usePasskey(authenticator)
      expect((await strict.view()).outcome).toMatchObject({ kind: 'complete' })
    })

    test('is given by a session that began with a passkey, without a page', async () => {
      const org = await house().newOrg()
      const session = await sessionOf(org, await org.person({ passkey: true }))
      expect((await viewOf(org, asked, session)).outcome).toMatchObject({ kind: 'complete', sessionId: session.id })
    })

    test('leads someone who has no passkey to making one', async () => {
      const org = await house().newOrg()
      const { email } = await org.person({})
      const strict = await visit(org, asked)
      await strict.answer('identify', { identifier: email })
      await strict.useCode(email)
      const { steps } = await strict.view()
      expect(steps).toEqual([{ name: 'enrol-passkey', isSkippable: false, isNewUser: false }])
      const authenticator = createAuthenticator()
      await strict.makePasskey(authenticator)
      expect(await strict.steps()).toEqual(['passkey'])
      await strict.usePasskey(authenticator)
      expect((await strict.view()).outcome?.kind).toBe('complete')
    })

    test('cannot be had where people use no passkeys, and the client is told at once', async () => {
      const org = await house().newOrg()
      await org.policy('sign-on', { methods: ['email', 'password'] })
      const unreachable = { kind: 'denied', reason: 'assurance_unreachable' }
      expect(await viewOf(org, asked)).toMatchObject({ steps: [], outcome: unreachable })
      const either = { requiredAssurance: ['phishing-resistant', 'password'] } as const
      expect((await viewOf(org, either)).outcome).toBeUndefined()
    })
  })

  test('A device-bound proof is not a synced passkey', async () => {
    const org = await house().newOrg()
    const session = await sessionOf(org, await org.person({ passkey: true }))
    const { outcome, steps } = await viewOf(org, { requiredAssurance: ['device-bound'] }, session)
    expect(outcome).toBeUndefined()
    expect(steps.map(({ name }) => name)).toEqual(['passkey'])
  })

  test('A password is asked for where the client wants one, whatever was proven', async () => {
    const org = await house().newOrg()
    const person = await org.person({ passkey: true, password })
    const session = await sessionOf(org, person)
    const strict = await visit(org, { requiredAssurance: ['password'] }, { session })
    expect(await strict.steps()).toEqual(['password'])
    await strict.answer('password', { password })
    expect((await strict.view()).outcome?.kind).toBe('complete')
    const closed = await house().newOrg()
    await closed.policy('sign-on', { methods: ['passkey'] })
    expect((await viewOf(closed, { requiredAssurance: ['password'] })).outcome?.kind).toBe('denied')
  })

  test('Two factors are a passkey with user verification, or a password and a mailbox', async () => {
    const org = await house().newOrg()
    await org.policy('enrolment', { passkey: 'off' })
    const { email } = await org.person({ password })
    const strict = await visit(org, { requiredAssurance: ['two'] })
    await strict.answer('identify', { identifier: email })
    await strict.answer('password', { password })
    expect((await strict.view()).outcome).toBeUndefined()
    await strict.useCode(email)
    expect((await strict.view()).outcome?.kind).toBe('complete')
    const session = await sessionOf(org, await org.person({ passkey: true }))
    expect((await viewOf(org, { requiredAssurance: ['two'] }, session)).outcome?.kind).toBe('complete')
  })

  test('The policy’s own demand stands beside the client’s', async () => {
    const org = await house().newOrg()
    await org.policy('app-access', { factors: 'device-bound' })
    const session = await sessionOf(org, await org.person({ passkey: true }))
    expect((await viewOf(org, { requiredAssurance: ['any'] }, session)).outcome).toBeUndefined()
  })
})
