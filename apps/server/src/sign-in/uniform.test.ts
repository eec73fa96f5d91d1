import { describe, expect, test } from 'vitest'
import { minute } from '../platform/clock.ts'
import { statisticsOf } from '../platform/database/index.ts'
import { saveTransaction } from '../records/transactions/index.ts'
import { describeEachHouse } from '../testing/each-database.ts'
import type { TestOrg } from '../testing/index.ts'
import { type Visit, visit } from './testing.ts'

const password = 'a long enough password'

describeEachHouse('Known and unknown identifiers are answered alike', (house) => {
  const people = async (org: TestOrg): Promise<Record<string, string>> => ({
    'with a passkey': (await org.person({ passkey: true })).email,
    'with a password': (await org.person({ password })).email,
    'who is suspended': (await org.person({ status: 'suspended' })).email,
    'who is nobody': 'nobody@example.com',
  })

  /** What an observer sees of one answer: what it says and how much was written. */
  const observe = async (act: () => Promise<unknown>) => {
    const { db } = house().ground
    const before = statisticsOf(db).transactions
    const seen = await act().then(
      () => 'answered',
      ({ code, status, message, details }) => ({ code, status, message, details }),
    )
    return { seen, writes: statisticsOf(db).transactions - before }
  }
  const shown = async (visited: Visit) => {
    const { steps, notices, user } = await visited.view()
    return { steps, notices, isNamed: user?.displayName !== undefined }
  }

  test('when they are named, when a code is asked for, and when it is wrong', async () => {
    const org = await house().newOrg()
    const seen: Record<string, unknown> = {}
    for (const [who, identifier] of Object.entries(await people(org))) {
      const asked = await visit(org)
      const story = [
        await observe(() => asked.answer('identify', { identifier })),
        await shown(asked),
        await observe(() => asked.answer('send-code')),
        await shown(asked),
        // No code ends in a letter, so that it is wrong for everybody.
        await observe(() => asked.answer('code', { code: '12345x' })),
        await shown(asked),
      ]
      seen[who] = story
    }
    const [first, ...others] = Object.values(seen)
    expect(first).toMatchObject([
      { seen: 'answered' },
      {},
      { seen: 'answered', writes: expect.toSatisfy((count: number) => count > 0) },
      {},
      { seen: { code: 'code_incorrect', status: 401 } },
      {},
    ])
    for (const other of others) expect(other).toEqual(first)
  })

  test('when the password is wrong', async () => {
    const org = await house().newOrg()
    const answers = []
    for (const identifier of Object.values(await people(org))) {
      const asked = await visit(org)
      await asked.answer('identify', { identifier })
      answers.push(await observe(() => asked.answer('password', { password: 'not this one' })))
    }
    expect(answers[0]).toMatchObject({ seen: { code: 'password_incorrect', status: 401 } })
    for (const answer of answers) expect(answer).toEqual(answers[0])
  })

  test('when their passkeys are asked for', async () => {
    const org = await house().newOrg()
    const answers = []
    for (const identifier of Object.values(await people(org))) {
      const asked = await visit(org)
      await asked.answer('identify', { identifier })
      const { publicKey } = await asked.startPasskey('identified')
      const { challenge: _random, allowCredentials, ...rest } = publicKey
      answers.push({ ...rest, allowed: allowCredentials?.map(({ type }) => type) })
    }
    expect(answers[0]?.allowed).toEqual(['public-key'])
    for (const answer of answers) expect(answer).toEqual(answers[0])
  })

  test('when they sign up: the same step, and a code to the address either way', async () => {
    const org = await house().newOrg()
    const known = (await org.person()).email
    const answers = []
    for (const identifier of [known, 'new@example.com']) {
      const asked = await visit(org, { startsAtSignUp: true })
      const seen = await observe(() => asked.answer('sign-up', { identifier }))
      answers.push({ seen, shown: await shown(asked), mails: (await org.mail(identifier)).length })
    }
    expect(answers[0]).toMatchObject({ seen: { seen: 'answered' }, mails: 1 })
    expect(answers[1]).toEqual(answers[0])
  })

  test('a code that nobody was sent is wrong even when it is guessed', async () => {
    const org = await house().newOrg()
    const { db, vault } = house().ground
    const asked = await visit(org)
    await asked.answer('identify', { identifier: 'nobody@example.com' })
    await asked.answer('send-code')
    const { id, version, state } = await asked.load()
    const { emailCode } = state
    if (!emailCode) throw new Error('No code was made')
    const guess = '000000'
    const known = { ...emailCode, digest: vault.digest('email-code', `${id}\0${guess}`) }
    await saveTransaction(db, org.id, id, version, { state: { ...state, emailCode: known } })
    await expect(asked.answer('code', { code: guess })).rejects.toMatchObject({ code: 'code_incorrect' })
    expect(asked.token).toBeUndefined()
    expect(await org.mail()).toEqual([])
  })

  describe('Decoys', () => {
    const decoysOf = async (org: TestOrg, identifier: string) => {
      const asked = await visit(org)
      await asked.answer('identify', { identifier })
      return (await asked.startPasskey('identified')).publicKey.allowCredentials
    }

    test('are the same for an identifier, however it is written and whenever it is asked', async () => {
      const org = await house().newOrg()
      const first = await decoysOf(org, 'nobody@example.com')
      house().clock.advance(60 * minute)
      expect(await decoysOf(org, 'nobody@example.com')).toEqual(first)
      expect(await decoysOf(org, ' Nobody@Example.COM ')).toEqual(first)
    })

    test('differ between identifiers and between orgs', async () => {
      const org = await house().newOrg()
      const other = await house().newOrg()
      const ids = [
        await decoysOf(org, 'nobody@example.com'),
        await decoysOf(org, 'nobody2@example.com'),
        await decoysOf(other, 'nobody@example.com'),
      ].map((decoys) => decoys?.[0]?.id)
      expect(new Set(ids).size).toBe(3)
    })

    test('have lengths that passkeys of today have', async () => {
      const org = await house().newOrg()
      const lengths = new Set<number>()
      for (let index = 0; index < 30; index += 1) {
        const [decoy] = (await decoysOf(org, `nobody-${index}`)) ?? []
        lengths.add(Buffer.from(decoy?.id ?? '', 'base64url').length)
      }
      expect([...lengths].toSorted((a, b) => a - b)).toEqual([16, 20, 32])
    })

    test('answer no assertion, and are known to nobody', async () => {
      const org = await house().newOrg()
      const { authenticator } = await org.person({ passkey: true })
      const asked = await visit(org)
      await asked.answer('identify', { identifier: 'nobody@example.com' })
      const { ceremony, publicKey } = await asked.startPasskey('identified')
      const [decoy] = publicKey.allowCredentials ?? []
      const held = authenticator.credentials()[0]?.id ?? ''
      const real = authenticator.get({ ...publicKey, allowCredentials: [] }, { origin: org.url, credentialId: held })
      const response = { ...real, id: decoy?.id, rawId: decoy?.id }
      await expect(asked.answer('passkey', { ceremony, response })).rejects.toMatchObject({
        code: 'passkey_not_recognised',
      })
    })
  })
})
