import { describe, expect, test } from 'vitest'
import { changeProfile } from '../directory/index.ts'
import { minute, second } from '../platform/clock.ts'
import { inTransaction } from '../platform/database/index.ts'
import { listAddresses } from '../records/users/index.ts'
import { describeEachHouse } from '../testing/each-database.ts'
import { snapshot, type TestOrg } from '../testing/index.ts'
import { type Visit, visit } from './testing.ts'

describeEachHouse('A code by e-mail', (house) => {
  /** A transaction to which a code was sent, and that code. */
  const withCode = async (org: TestOrg, email: string): Promise<{ asked: Visit; code: string }> => {
    const asked = await visit(org)
    await asked.answer('identify', { identifier: email })
    await asked.answer('send-code')
    return { asked, code: await org.code(email) }
  }
  const wrong = (code: string, by = 1) => String((Number(code) + by) % 1_000_000).padStart(6, '0')
  const setUp = async () => {
    const org = await house().newOrg()
    const person = await org.person({ isEmailVerified: false })
    return { org, person, ...(await withCode(org, person.email)) }
  }

  test('signs its reader in, and proves the address', async () => {
    const { org, person, asked, code } = await setUp()
    await asked.answer('code', { code })
    const session = await asked.session()
    expect(session).toMatchObject({ userId: person.id, authentications: [{ method: 'email-code' }] })
    const [address] = await listAddresses(house().ground.db, org.id, person.id)
    expect(address?.verifiedAt).toBe(house().clock())
    const names = (await org.events({ userId: person.id })).map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['email-code.sent', 'email-code.accepted', 'session.started']))
  })

  test.each(['  %s ', '%1 %2', '%1-%2'])('may be typed as people type it: "%s"', async (shape) => {
    const { asked, code } = await setUp()
    const typed = shape.replace('%s', code).replace('%1', code.slice(0, 3)).replace('%2', code.slice(3))
    await expect(asked.answer('code', { code: typed })).resolves.toHaveProperty('sessionToken')
  })

  test('is kept as a keyed digest only, and never in an event', async () => {
    const { org, code } = await setUp()
    const { ground } = house()
    const kept = await snapshot(ground.db, ['mailbox'])
    expect(JSON.stringify(kept.sign_in_transaction)).not.toContain(code)
    expect(JSON.stringify(await org.events())).not.toContain(code)
  })

  test('counts every wrong one, whatever it is, and starts no session', async () => {
    const { asked, code } = await setUp()
    for (const typed of [wrong(code), '', '12345', `${code}0`, 'ABCDEF']) {
      await expect(asked.answer('code', { code: typed })).rejects.toMatchObject({ code: 'code_incorrect', status: 401 })
    }
    expect((await asked.load()).state.emailCode?.attemptsLeft).toBe(0)
    expect(asked.token).toBeUndefined()
  })

  test('is worth nothing after five wrong ones, even the right one', async () => {
    const { asked, code } = await setUp()
    for (let by = 1; by <= 5; by += 1)
      await expect(asked.answer('code', { code: wrong(code, by) })).rejects.toMatchObject({ code: 'code_incorrect' })
    await expect(asked.answer('code', { code })).rejects.toMatchObject({ code: 'code_exhausted', status: 401 })
    expect(asked.token).toBeUndefined()
  })

  test('cannot be guessed by fifty at once: each guess spends a try of its own', async () => {
    const { asked, code } = await setUp()
    const guesses = Array.from({ length: 50 }, (_, index) => asked.answer('code', { code: wrong(code, index + 1) }))
    const reasons = (await Promise.allSettled(guesses)).map((result) =>
      result.status === 'rejected' ? result.reason.code : 'accepted',
    )
    const judged = reasons.filter((reason) => reason === 'code_incorrect').length
    expect(new Set(reasons)).not.toContain('accepted')
    expect(judged).toBeGreaterThan(0)
    expect(judged).toBeLessThanOrEqual(5)
    expect((await asked.load()).state.emailCode?.attemptsLeft).toBe(5 - judged)
  })

  test('is right for one of fifty who send it at once', async () => {
    const { org, person, asked, code } = await setUp()
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => asked.answer('code', { code })))
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const started = await org.events({ userId: person.id, types: ['session.started'] })
    expect(started).toHaveLength(1)
  })

  test('ends after ten minutes', async () => {
    const { asked, code } = await setUp()
    house().clock.advance(10 * minute)
    await expect(asked.answer('code', { code })).rejects.toMatchObject({ code: 'code_expired', status: 401 })
  })

  test('counts up to its last moment', async () => {
    const { asked, code } = await setUp()
    house().clock.advance(10 * minute - 1)
    await expect(asked.answer('code', { code })).resolves.toHaveProperty('sessionToken')
  })

  test('is replaced by the next one, which is sent half a minute later at the earliest', async () => {
    const { org, person, asked, code } = await setUp()
    house().clock.advance(30 * second - 1)
    await expect(asked.answer('send-code')).rejects.toMatchObject({
      code: 'too_many_attempts',
      status: 429,
      details: { retryAfter: 1 },
    })
    house().clock.advance(1)
    await asked.answer('send-code')
    const next = await org.code(person.email)
    if (next !== code) await expect(asked.answer('code', { code })).rejects.toMatchObject({ code: 'code_incorrect' })
    await expect(asked.answer('code', { code: next })).resolves.toHaveProperty('sessionToken')
  })

  test('of another transaction is wrong, although it is for the same person', async () => {
    const { org, person, asked } = await setUp()
    house().clock.advance(minute)
    const other = await withCode(org, person.email)
    const mine = (await asked.load()).state.emailCode
    await expect(asked.answer('code', { code: other.code })).rejects.toMatchObject({ code: 'code_incorrect' })
    expect((await asked.load()).state.emailCode).toEqual({ ...mine, attemptsLeft: 4 })
    await expect(other.asked.answer('code', { code: other.code })).resolves.toHaveProperty('sessionToken')
  })

  test('does not survive that the person is somebody else after all', async () => {
    const { org, asked, code } = await setUp()
    const victim = await org.person()
    await asked.answer('restart')
    await asked.answer('identify', { identifier: victim.email })
    await expect(asked.answer('code', { code })).rejects.toMatchObject({ code: 'step_not_open' })
  })

  test('proves the address that it was sent to, and none that has taken its place', async () => {
    const { org, person, asked, code } = await setUp()
    const change = { org: org.id, at: house().clock(), userId: person.id }
    await inTransaction(house().ground.db, (tx) => changeProfile(tx, change, { email: 'new@example.com' }))
    await expect(asked.answer('code', { code })).rejects.toMatchObject({ code: 'code_incorrect', status: 401 })
    expect(asked.token).toBeUndefined()
  })

  test('refuses a user who may not sign in, after the code was right', async () => {
    const org = await house().newOrg()
    const { email } = await org.person({ status: 'suspended' })
    const { asked, code } = await withCode(org, email)
    await expect(asked.answer('code', { code })).rejects.toMatchObject({ code: 'user_not_allowed', status: 403 })
    expect(asked.token).toBeUndefined()
  })

  describe('Limits', () => {
    test('codes are sent to an identifier six times in a quarter of an hour, by whoever asks', async () => {
      const org = await house().newOrg()
      const { email } = await org.person()
      const ask = async (ip: string) => {
        const asked = await visit(org, {}, { ip })
        await asked.answer('identify', { identifier: email })
        return await asked.answer('send-code')
      }
      for (let index = 0; index < 6; index += 1) await ask(`192.0.2.${index}`)
      const before = await org.mail(email)
      const refusal = { code: 'too_many_attempts', status: 429, details: { retryAfter: 900 } }
      await expect(ask('192.0.2.99')).rejects.toMatchObject(refusal)
      expect(await org.mail(email)).toHaveLength(before.length)
      house().clock.advance(15 * minute)
      await expect(ask('192.0.2.99')).resolves.toBeDefined()
    })

    test('codes are sent for an address of the network forty times, whoever is named', async () => {
      const org = await house().newOrg()
      const asked = await visit(org, {}, { ip: '198.51.100.1' })
      for (let index = 0; index < 40; index += 1) {
        await asked.answer('restart')
        await asked.answer('identify', { identifier: `person-${index}@example.com` })
        await asked.answer('send-code')
      }
      await asked.answer('restart')
      await asked.answer('identify', { identifier: 'one-more@example.com' })
      await expect(asked.answer('send-code')).rejects.toMatchObject({ code: 'too_many_attempts' })
      await expect(asked.answer('send-code', {}, { ip: '198.51.100.2' })).resolves.toBeDefined()
    })

    test('an address counts as one, however its domain is written', async () => {
      const org = await house().newOrg()
      const ask = async (identifier: string) => {
        const asked = await visit(org)
        await asked.answer('identify', { identifier })
        return await asked.answer('send-code')
      }
      for (let index = 0; index < 6; index += 1) await ask('ada@bücher.example')
      await expect(ask('ada@xn--bcher-kva.example')).rejects.toMatchObject({ code: 'too_many_attempts' })
    })

    test('a network of IPv6 counts as one, whichever of its addresses asks', async () => {
      const org = await house().newOrg()
      const ask = async (ip: string) => {
        const asked = await visit(org, {}, { ip })
        await asked.answer('identify', { identifier: `${ip.replaceAll(':', '-')}@example.com` })
        return await asked.answer('send-code')
      }
      for (let index = 0; index < 40; index += 1) await ask(`2001:db8:1:2:${index}::${index}`)
      await expect(ask('2001:db8:1:2:ffff::1')).rejects.toMatchObject({ code: 'too_many_attempts' })
      await expect(ask('2001:db8:1:3::1')).resolves.toBeDefined()
    })

    test('guesses are limited by identifier across transactions and addresses', async () => {
      const org = await house().newOrg()
      const { email } = await org.person()
      for (let round = 0; round < 4; round += 1) {
        const { asked, code } = await withCode(org, email)
        for (let by = 1; by <= 5; by += 1) {
          const guess = asked.answer('code', { code: wrong(code, by) }, { ip: `192.0.2.${round * 10 + by}` })
          await expect(guess).rejects.toMatchObject({ code: 'code_incorrect' })
        }
      }
      const { asked, code } = await withCode(org, email)
      await expect(asked.answer('code', { code })).rejects.toMatchObject({ code: 'too_many_attempts' })
    })

    test('a limit never keeps its victim from a passkey', async () => {
      const org = await house().newOrg()
      const { email, id, authenticator } = await org.person({ passkey: true })
      const attacker = await visit(org)
      await attacker.answer('identify', { identifier: email })
      const until = async (step: 'send-code' | 'password', input = {}) => {
        for (let index = 0; index < 20; index += 1) {
          house().clock.advance(30 * second)
          const refused = await attacker.answer(step, input).then(
            () => '',
            (thrown) => thrown.code,
          )
          if (refused === 'too_many_attempts') return
        }
        throw new Error('There was no limit')
      }
      await until('send-code')
      await until('password', { password: 'guess' })
      const victim = await visit(org)
      await victim.answer('identify', { identifier: email })
      await victim.usePasskey(authenticator)
      expect((await victim.view()).outcome).toMatchObject({ kind: 'complete', userId: id })
    })

    test('keys hold no identifier that could be read', async () => {
      const org = await house().newOrg()
      const { email } = await org.person()
      await withCode(org, email)
      const { attempt_limit: kept = [] } = await snapshot(house().ground.db, [])
      expect(kept.filter((row) => row.includes(org.id)).length).toBeGreaterThan(0)
      expect(kept.join()).not.toContain(email)
    })
  })
})
