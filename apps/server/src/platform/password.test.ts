import { performance } from 'node:perf_hooks'
import { hash } from '@node-rs/argon2'
import { describe, expect, test } from 'vitest'
import { hashPassword, isPasswordHashOutdated, verifyPassword } from './password.ts'

describe('Passwords', () => {
  test('are kept as Argon2id at the cost that OWASP names first', async () => {
    expect(await hashPassword('correct horse')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  })

  test('verify against their own hash and no other', async () => {
    const kept = await hashPassword('correct horse')
    expect(await verifyPassword(kept, 'correct horse')).toBe(true)
    expect(await verifyPassword(kept, 'correct horsE')).toBe(false)
    expect(await verifyPassword(kept, '')).toBe(false)
  })

  test('are the same however their letters were composed', async () => {
    const kept = await hashPassword('Zo\u00eb\u2460')
    expect(await verifyPassword(kept, 'Zoe\u03081')).toBe(true)
  })

  test('are refused when empty or longer than 256 characters', async () => {
    await expect(hashPassword('')).rejects.toMatchObject({ code: 'password_empty' })
    await expect(hashPassword('x'.repeat(257))).rejects.toMatchObject({ code: 'password_too_long' })
    expect(await hashPassword('x'.repeat(256))).toContain('$argon2id$')
  })

  test('a hash made at another cost is outdated', async () => {
    expect(await isPasswordHashOutdated(await hash('x', { memoryCost: 8_192, timeCost: 1 }))).toBe(true)
    expect(await isPasswordHashOutdated(await hashPassword('x'))).toBe(false)
  })
})

describe('Where nobody has this password', () => {
  test('no password is right, the empty one included', async () => {
    expect(await verifyPassword(undefined, '')).toBe(false)
    expect(await verifyPassword(undefined, 'anything')).toBe(false)
  })

  test('a password that is too long is wrong, even where its beginning is right', async () => {
    const kept = await hashPassword('x'.repeat(256))
    expect(await verifyPassword(kept, 'x'.repeat(257))).toBe(false)
  })

  test('the check takes about as long as for somebody', async () => {
    const kept = await hashPassword('correct horse')
    const known = await median(() => verifyPassword(kept, 'wrong'))
    const unknown = await median(() => verifyPassword(undefined, 'wrong'))
    expect(unknown / known).toBeGreaterThan(0.5)
    expect(unknown / known).toBeLessThan(2)
  })
})

async function median(run: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let count = 0; count < 9; count += 1) {
    const start = performance.now()
    await run()
    times.push(performance.now() - start)
  }
  return times.sort((a, b) => a - b)[4] ?? Number.NaN
}
