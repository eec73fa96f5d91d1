import { expect, test } from 'vitest'
import { minute } from '../platform/clock.ts'
import { describeEachHouse } from '../testing/each-database.ts'
import { snapshot, type TestOrg } from '../testing/index.ts'
import { visit } from './testing.ts'

const password = 'correct horse battery staple'

describeEachHouse('A password', (house) => {
  const asPerson = async (org: TestOrg, identifier: string) => {
    const asked = await visit(org)
    await asked.answer('identify', { identifier })
    return asked
  }

  test('signs its owner in', async () => {
    const org = await house().newOrg()
    const { email, id } = await org.person({ password })
    const asked = await asPerson(org, email)
    await asked.answer('password', { password })
    expect(await asked.session()).toMatchObject({ userId: id, authentications: [{ method: 'password' }] })
    expect(await org.events({ types: ['session.started'] })).toMatchObject([
      { userId: id, details: { method: 'password' } },
    ])
  })

  test('is found under any way to write the identifier', async () => {
    const org = await house().newOrg()
    const { email, id } = await org.person({ password })
    const asked = await asPerson(org, `  ${email.toUpperCase()} `)
    await asked.answer('password', { password })
    expect((await asked.session())?.userId).toBe(id)
  })

  test('is wrong in the same words for who has another, has none, or is nobody', async () => {
    const org = await house().newOrg()
    const withPassword = await org.person({ password })
    const without = await org.person()
    const other = await house().newOrg()
    const elsewhere = await other.person({ password: 'the password tried' })
    const refusals = []
    for (const identifier of [withPassword.email, without.email, elsewhere.email, 'nobody']) {
      const asked = await asPerson(org, identifier)
      const before = await snapshot(house().ground.db)
      const refusal = await asked.answer('password', { password: 'the password tried' }).catch((thrown) => thrown)
      refusals.push({ code: refusal.code, status: refusal.status, message: refusal.message, details: refusal.details })
      expect(await snapshot(house().ground.db)).toEqual(before)
    }
    expect(refusals[0]).toMatchObject({ code: 'password_incorrect', status: 401 })
    expect(new Set(refusals.map((refusal) => JSON.stringify(refusal))).size).toBe(1)
  })

  test.each(['', 'x'.repeat(1025), undefined, 7, ['a', 'b']])(
    'that is no password is refused unread: %j',
    async (given) => {
      const org = await house().newOrg()
      const asked = await asPerson(org, (await org.person({ password })).email)
      await expect(asked.answer('password', { password: given })).rejects.toMatchObject({
        code: 'input_invalid',
        details: { field: 'password' },
      })
    },
  )

  test('can be tried ten times in a quarter of an hour, and the right one is then too late', async () => {
    const org = await house().newOrg()
    const { email } = await org.person({ password })
    const asked = await asPerson(org, email)
    for (let index = 0; index < 10; index += 1)
      await expect(asked.answer('password', { password: 'wrong' }, { ip: `192.0.2.${index}` })).rejects.toMatchObject({
        code: 'password_incorrect',
      })
    const another = await asPerson(org, email)
    const refused = { code: 'too_many_attempts', status: 429, details: { retryAfter: 900 } }
    await expect(another.answer('password', { password }, { ip: '192.0.2.99' })).rejects.toMatchObject(refused)
    expect(another.token).toBeUndefined()
    house().clock.advance(15 * minute)
    await expect(another.answer('password', { password })).resolves.toHaveProperty('sessionToken')
  })

  test('that is right forgets the wrong ones before it', async () => {
    const org = await house().newOrg()
    const { email } = await org.person({ password })
    for (let round = 0; round < 2; round += 1) {
      const asked = await asPerson(org, email)
      for (let index = 0; index < 9; index += 1)
        await expect(asked.answer('password', { password: 'wrong' })).rejects.toMatchObject({
          code: 'password_incorrect',
        })
      await expect(asked.answer('password', { password })).resolves.toHaveProperty('sessionToken')
    }
  })

  test.each(['suspended', 'deactivated', 'locked_out', 'staged'] as const)(
    'of a user who is %s is refused after it was right, and starts nothing',
    async (status) => {
      const org = await house().newOrg()
      const { email, id } = await org.person({ password, status })
      const asked = await asPerson(org, email)
      await expect(asked.answer('password', { password })).rejects.toMatchObject({
        code: 'user_not_allowed',
        status: 403,
        audit: { userId: id },
      })
      expect(asked.token).toBeUndefined()
      expect((await asked.load()).state.subject).toBeUndefined()
    },
  )
})
