import { createPublicKey, sign, verify } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { day, hour, minute, second } from '../../platform/clock.ts'
import { closeDatabase, type Database, inTransaction, openDatabase } from '../../platform/database/index.ts'
import { describeEachDatabase } from '../../platform/database/testing.ts'
import { openVault } from '../../platform/vault.ts'
import { getOrg, newOrgId, type OrgId } from '../orgs/index.ts'
import { makeOrg, testTime } from '../orgs/testing.ts'
import { newSigningKey } from './generate.ts'
import { currentKey, nextKey, publishedKeys } from './key.ts'
import {
  ensureSigningKeys,
  listSigningKeys,
  loadPrivateKey,
  type RotationOptions,
  removeExpiredKeys,
  rotateSigningKeys,
} from './store.ts'

const vault = openVault(['a secret of the tests'])
const server = 'default'

describeEachDatabase('Signing keys', (open, database) => {
  let db: Database
  beforeAll(async () => {
    db = await open()
  })
  const ensure = (org: OrgId, now = testTime) => ensureSigningKeys(db, vault, org, server, 'ES256', now)
  const rotate = (org: OrgId, now: number, options: Partial<RotationOptions> = {}) =>
    inTransaction(db, (tx) => rotateSigningKeys(tx, vault, org, server, now, { tokenLifetimeMs: hour, ...options }))
  /** An org with its keys: which one signs and which one is next. */
  const makeKeys = async () => {
    const org = await makeOrg(db)
    await ensure(org)
    const keys = await listSigningKeys(db, org, server)
    const [current, next] = [currentKey(keys, testTime), nextKey(keys, testTime)]
    if (!current || !next) throw new Error('the keys were made')
    return { org, current, next }
  }
  const signer = async (org: OrgId, now: number) => currentKey(await listSigningKeys(db, org, server), now)?.id

  test('are made once: one that signs now, and one that will not sign for a day', async () => {
    const org = await makeOrg(db)
    expect(await ensure(org)).toBe(true)
    expect(await ensure(org)).toBe(false)
    const keys = await listSigningKeys(db, org, server)
    expect(keys.map(({ signsFrom, signsUntil, expiresAt }) => [signsFrom, signsUntil, expiresAt])).toEqual([
      [testTime - minute, null, null],
      [testTime + day, null, null],
    ])
    expect(keys.every((key) => key.publicJwk.kid === key.id && key.publicJwk.alg === 'ES256')).toBe(true)
  })

  test('serve a process whose clock is behind, which makes none of its own', async () => {
    const org = await makeOrg(db)
    await ensure(org)
    const behind = testTime - 5 * second
    expect(await ensureSigningKeys(db, vault, org, server, 'ES256', behind)).toBe(false)
    expect(await signer(org, behind)).toBe(await signer(org, testTime))
  })

  test('made by several processes at once are made once', async () => {
    const address = await database.create()
    const processes = await Promise.all([openDatabase(address), openDatabase(address)])
    try {
      const org = await makeOrg(processes[0])
      const made = await Promise.all(
        [...processes, ...processes].map((process) =>
          ensureSigningKeys(process, vault, org, server, 'ES256', testTime),
        ),
      )
      expect(made.filter(Boolean)).toHaveLength(1)
      expect(await listSigningKeys(processes[0], org, server)).toHaveLength(2)
    } finally {
      await Promise.all(processes.map(closeDatabase))
    }
  })

  test('sign what their public part verifies', async () => {
    const { org, current } = await makeKeys()
    const privateKey = await loadPrivateKey(db, vault, org, server, current.id)
    const publicKey = createPublicKey({ key: current.publicJwk, format: 'jwk' })
    const data = Buffer.from('a token')
    expect(verify('sha256', data, publicKey, sign('sha256', data, privateKey))).toBe(true)
  })

  test('of RSA are made too, and kept', async () => {
    const org = await makeOrg(db)
    await ensureSigningKeys(db, vault, org, server, 'RS256', testTime)
    const current = currentKey(await listSigningKeys(db, org, server), testTime)
    expect(current?.publicJwk).toMatchObject({ kty: 'RSA', alg: 'RS256' })
    if (!current) throw new Error('the key was made')
    const { asymmetricKeyDetails } = await loadPrivateKey(db, vault, org, server, current.id)
    expect(asymmetricKeyDetails?.modulusLength).toBe(2048)
  })

  test('lie encrypted, each tied to its org, server and id', async () => {
    const { org, current, next } = await makeKeys()
    const rows = await db.selectFrom('signing_key').select(['id', 'private_key']).where('org_id', '=', org).execute()
    expect(rows.every(({ private_key }) => /^v1\.[\w-]+\.[\w-]+\.[\w-]+\.[\w-]+$/.test(private_key))).toBe(true)
    const ofNext = rows.find(({ id }) => id === next.id)?.private_key ?? ''
    await db.updateTable('signing_key').set({ private_key: ofNext }).where('id', '=', current.id).execute()
    await expect(loadPrivateKey(db, vault, org, server, current.id)).rejects.toMatchObject({
      code: 'ciphertext_unreadable',
    })
  })

  describe('that rotate', () => {
    test('give way at once where the next one has been published for a day', async () => {
      const { org, current, next } = await makeKeys()
      const now = testTime + 2 * day
      expect(await rotate(org, now)).toEqual({ retired: current.id, promoted: next.id, at: now })
      expect(await signer(org, now)).toBe(next.id)
    })

    test('give way only when the next one has been published for a day', async () => {
      const { org, current, next } = await makeKeys()
      const rotation = await rotate(org, testTime + hour)
      expect(rotation?.at).toBe(testTime + day)
      expect(await signer(org, testTime + day - 1)).toBe(current.id)
      expect(await signer(org, testTime + day)).toBe(next.id)
    })

    test('are rotated once where that is asked for twice', async () => {
      const { org } = await makeKeys()
      expect(await rotate(org, testTime + hour)).toBeDefined()
      expect(await rotate(org, testTime + 2 * hour)).toBeUndefined()
    })

    test('give way now where it is told so, a rotation that is under way included', async () => {
      const { org, current, next } = await makeKeys()
      await rotate(org, testTime + hour)
      const now = testTime + 2 * hour
      expect(await rotate(org, now, { immediately: true })).toEqual({ retired: current.id, promoted: next.id, at: now })
      expect(await signer(org, now)).toBe(next.id)
    })

    test('keep the retired one published until its last token has expired, then it is removed', async () => {
      const { org, current } = await makeKeys()
      const now = testTime + 2 * day
      await rotate(org, now)
      const published = async (at: number) =>
        publishedKeys(await listSigningKeys(db, org, server), at).some(({ id }) => id === current.id)
      expect(await published(now + hour - 1)).toBe(true)
      expect(await published(now + hour)).toBe(false)
      await removeExpiredKeys(db, now + hour - 1)
      expect(await listSigningKeys(db, org, server)).toHaveLength(2)
      await removeExpiredKeys(db, now + hour)
      expect(await listSigningKeys(db, org, server)).toHaveLength(1)
    })

    test('get a new next one: the spare that was made before, or one that is ensured later', async () => {
      const { org, next } = await makeKeys()
      const spare = await newSigningKey('ES256')
      const now = testTime + 2 * day
      await rotate(org, now, { spare })
      const keys = await listSigningKeys(db, org, server)
      expect(currentKey(keys, now)?.id).toBe(next.id)
      expect(nextKey(keys, now)).toMatchObject({ id: spare.publicJwk.kid, signsFrom: now + day })
      expect(await ensure(org, now)).toBe(false)
      await rotate(org, now + 2 * day)
      await expect(rotate(org, now + 2 * day)).rejects.toMatchObject({ code: 'next_signing_key_missing' })
      expect(await ensure(org, now + 2 * day)).toBe(true)
    })

    test('raise the org’s version, so that no process signs with what it remembers', async () => {
      const { org } = await makeKeys()
      const before = await getOrg(db, org)
      await rotate(org, testTime + hour)
      expect((await getOrg(db, org)).version).toBe(before.version + 1)
    })

    test('leave everything as it was where there is no next one', async () => {
      const org = await makeOrg(db)
      const before = await getOrg(db, org)
      await expect(rotate(org, testTime)).rejects.toMatchObject({ code: 'next_signing_key_missing' })
      expect(await getOrg(db, org)).toEqual(before)
    })
  })

  test('of one org are neither listed, loaded nor rotated from another', async () => {
    const { org, current } = await makeKeys()
    const other = await makeOrg(db)
    expect(await listSigningKeys(db, other, server)).toEqual([])
    expect(await listSigningKeys(db, org, 'another server')).toEqual([])
    const notFound = { code: 'signing_key_not_found' }
    await expect(loadPrivateKey(db, vault, other, server, current.id)).rejects.toMatchObject(notFound)
    await expect(loadPrivateKey(db, vault, org, 'another server', current.id)).rejects.toMatchObject(notFound)
    await expect(rotate(other, testTime)).rejects.toMatchObject({ code: 'next_signing_key_missing' })
    expect(await signer(org, testTime)).toBe(current.id)
  })

  test('are not made for an org that does not exist', async () => {
    await expect(ensure(newOrgId())).rejects.toMatchObject({ code: 'org_not_found' })
  })
})
