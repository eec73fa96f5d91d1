import { beforeAll, beforeEach, expect, test } from 'vitest'
import { day, minute } from '../../platform/clock.ts'
import { type Database, inTransaction, type Transaction } from '../../platform/database/index.ts'
import { describeEachDatabase } from '../../platform/database/testing.ts'
import { newId, newSecret } from '../../platform/ids.ts'
import type { ClientId } from '../clients/index.ts'
import type { GrantId } from '../grants/index.ts'
import type { OrgId } from '../orgs/index.ts'
import { makeOrg, testTime as t0 } from '../orgs/testing.ts'
import {
  findToken,
  redeemToken,
  removeExpiredTokens,
  revokeToken,
  revokeTokensOfGrant,
  saveToken,
  takeProof,
} from './store.ts'
import type { NewToken } from './token.ts'

describeEachDatabase('Tokens', (open) => {
  let db: Database
  let org: OrgId
  beforeAll(async () => {
    db = await open()
  })
  beforeEach(async () => {
    org = await makeOrg(db)
  })
  const change = <T>(work: (tx: Transaction) => Promise<T>) => inTransaction(db, work)
  async function save(overrides: Partial<NewToken> = {}) {
    const token: NewToken = { kind: 'code', value: newSecret(), details: {}, expiresAt: t0 + minute, ...overrides }
    await change((tx) => saveToken(tx, org, token, t0))
    return token.value
  }
  const redeem = (value: string, now = t0) => redeemToken(db, org, 'code', value, now)

  test('are redeemed with what was kept', async () => {
    const grantId = newId<GrantId>('oag')
    const clientId = newId<ClientId>('0oa')
    const value = await save({ grantId, clientId, details: { redirectUri: 'https://app.example/cb' } })
    const redemption = await redeemToken<{ redirectUri: string }>(db, org, 'code', value, t0 + 5)
    expect(redemption).toEqual({
      outcome: 'redeemed',
      token: {
        kind: 'code',
        grantId,
        clientId,
        details: { redirectUri: 'https://app.example/cb' },
        createdAt: t0,
        expiresAt: t0 + minute,
        redeemedAt: t0 + 5,
        revokedAt: null,
      },
    })
  })

  test('are kept without their value', async () => {
    const value = await save()
    const rows = await db.selectFrom('token').selectAll().where('org_id', '=', org).execute()
    expect(rows).toHaveLength(1)
    expect(JSON.stringify(rows)).not.toContain(value)
  })

  test('redeemed by fifty at once are redeemed by one; the others are told that it was used', async () => {
    const value = await save()
    const redemptions = await Promise.all(Array.from({ length: 50 }, () => redeem(value)))
    const outcomes = redemptions.map(({ outcome }) => outcome)
    expect(outcomes.filter((outcome) => outcome === 'redeemed')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === 'reused')).toHaveLength(49)
  })

  test('that come again are recognised with the time of the first redemption, also after they expired', async () => {
    const grantId = newId<GrantId>('oag')
    const value = await save({ grantId })
    await redeem(value, t0 + 5)
    const again = await redeem(value, t0 + 2 * minute)
    expect(again).toMatchObject({ outcome: 'reused', token: { grantId, redeemedAt: t0 + 5 } })
  })

  test('are unknown when nobody made them, when of another kind, expired or revoked', async () => {
    const value = await save()
    expect(await redeem(newSecret())).toEqual({ outcome: 'unknown' })
    expect(await redeemToken(db, org, 'refresh', value, t0)).toEqual({ outcome: 'unknown' })
    expect(await redeem(value, t0 + minute)).toEqual({ outcome: 'unknown' })
    expect(await change((tx) => revokeToken(tx, org, 'code', value, t0))).toBe(true)
    expect(await redeem(value)).toEqual({ outcome: 'unknown' })
  })

  test('asked for in vain by kind or time are not spent by it', async () => {
    const value = await save()
    await redeemToken(db, org, 'refresh', value, t0)
    await redeem(value, t0 + minute)
    expect(await redeem(value)).toMatchObject({ outcome: 'redeemed' })
  })

  test('are found until they expire, redeemed or not', async () => {
    const value = await save({ kind: 'refresh' })
    expect(await findToken(db, org, 'refresh', value, t0)).toMatchObject({ redeemedAt: null, revokedAt: null })
    await redeemToken(db, org, 'refresh', value, t0 + 1)
    expect(await findToken(db, org, 'refresh', value, t0)).toMatchObject({ redeemedAt: t0 + 1 })
    expect(await findToken(db, org, 'code', value, t0)).toBeUndefined()
    expect(await findToken(db, org, 'refresh', value, t0 + minute)).toBeUndefined()
  })

  test('saved twice are kept once, as they were', async () => {
    const value = await save({ kind: 'access-revoked', details: { first: true } })
    await save({ kind: 'access-revoked', value, details: { first: false } })
    expect(await findToken(db, org, 'access-revoked', value, t0)).toMatchObject({ details: { first: true } })
  })

  test('are revoked once', async () => {
    const value = await save({ kind: 'refresh' })
    const revoke = (now: number) => change((tx) => revokeToken(tx, org, 'refresh', value, now))
    expect(await revoke(t0 + minute)).toBe(false)
    expect(await revoke(t0 + 1)).toBe(true)
    expect(await revoke(t0 + 2)).toBe(false)
    expect(await findToken(db, org, 'refresh', value, t0)).toMatchObject({ revokedAt: t0 + 1 })
  })

  test('of a grant are revoked together', async () => {
    const grantId = newId<GrantId>('oag')
    const [code, refresh] = [await save({ grantId }), await save({ grantId, kind: 'refresh' })]
    const other = await save({ grantId: newId<GrantId>('oag') })
    expect(await change((tx) => revokeTokensOfGrant(tx, org, grantId, t0))).toBe(2)
    expect(await redeem(code)).toEqual({ outcome: 'unknown' })
    expect(await redeemToken(db, org, 'refresh', refresh, t0)).toEqual({ outcome: 'unknown' })
    expect(await redeem(other)).toMatchObject({ outcome: 'redeemed' })
    expect(await change((tx) => revokeTokensOfGrant(tx, org, grantId, t0))).toBe(0)
  })

  test('that are over are removed, redeemed ones a day later', async () => {
    await removeExpiredTokens(db, t0 + 10 * day)
    const [plain, redeemed, live] = [await save(), await save(), await save({ expiresAt: t0 + 2 * day })]
    await redeem(redeemed)
    expect(await removeExpiredTokens(db, t0 + minute)).toBe(1)
    expect(await redeem(plain)).toEqual({ outcome: 'unknown' })
    expect(await redeem(redeemed)).toMatchObject({ outcome: 'reused' })
    expect(await removeExpiredTokens(db, t0 + minute + day)).toBe(1)
    expect(await redeem(redeemed)).toEqual({ outcome: 'unknown' })
    expect(await redeem(live)).toMatchObject({ outcome: 'redeemed' })
  })

  test('of one org can be neither found, redeemed nor revoked from another', async () => {
    const grantId = newId<GrantId>('oag')
    const value = await save({ grantId })
    const other = await makeOrg(db)
    expect(await findToken(db, other, 'code', value, t0)).toBeUndefined()
    expect(await redeemToken(db, other, 'code', value, t0)).toEqual({ outcome: 'unknown' })
    expect(await change((tx) => revokeToken(tx, other, 'code', value, t0))).toBe(false)
    expect(await change((tx) => revokeTokensOfGrant(tx, other, grantId, t0))).toBe(0)
    expect(await redeem(value)).toMatchObject({ outcome: 'redeemed' })
  })

  test('that others made are taken once, by one of fifty at once, and by each org for itself', async () => {
    const other = await makeOrg(db)
    const proof = { kind: 'client-assertion', value: `client\0${newSecret()}`, expiresAt: t0 + minute } as const
    const taken = await Promise.all(Array.from({ length: 50 }, () => takeProof(db, org, proof, t0)))
    expect(taken.filter(Boolean)).toHaveLength(1)
    expect(await takeProof(db, org, { ...proof, kind: 'dpop-proof' }, t0)).toBe(true)
    expect(await takeProof(db, other, proof, t0)).toBe(true)
    expect(await takeProof(db, org, proof, t0)).toBe(false)
  })

  test('that others made are forgotten when they have expired', async () => {
    const proof = { kind: 'dpop-proof', value: newSecret(), expiresAt: t0 + minute } as const
    await takeProof(db, org, proof, t0)
    await removeExpiredTokens(db, t0 + minute - 1)
    expect(await takeProof(db, org, proof, t0 + minute - 1)).toBe(false)
    await removeExpiredTokens(db, t0 + minute)
    expect(await takeProof(db, org, proof, t0 + minute)).toBe(true)
  })
})
