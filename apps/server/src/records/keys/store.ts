import { createPrivateKey, type KeyObject } from 'node:crypto'
import { day, minute } from '../../platform/clock.ts'
import { type Database, inTransaction, type Reader, type Transaction } from '../../platform/database/index.ts'
import type { Vault } from '../../platform/vault.ts'
import { type OrgId, touchOrg } from '../orgs/index.ts'
import { errors } from './errors.ts'
import { type NewSigningKey, newSigningKey } from './generate.ts'
import {
  currentKey,
  type KeyId,
  nextKey,
  type PublicJwk,
  privateKeyPurpose,
  type SigningAlgorithm,
  type SigningKey,
} from './key.ts'

type SigningKeyTable = {
  org_id: OrgId
  server_id: string
  id: KeyId
  algorithm: SigningAlgorithm
  public_jwk: PublicJwk
  private_key: string
  created_at: number
  signs_from: number
  signs_until: number | null
  expires_at: number | null
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    signing_key: SigningKeyTable
  }
}

const publicColumns = [
  'id',
  'server_id',
  'algorithm',
  'public_jwk',
  'created_at',
  'signs_from',
  'signs_until',
  'expires_at',
] as const

/** How long a key is published before it may sign: as long as clients cache keys (Okta's browser library: 24 hours). */
const publishBeforeMs = day

/** How far the clocks of two processes may lie apart: the one that is behind must see a first key as good to sign too. */
const clockDifferenceMs = minute

/** Lists the public part of a server's keys; `currentKey` and `publishedKeys` say which of them serve for what. */
export async function listSigningKeys(db: Reader, org: OrgId, serverId: string): Promise<SigningKey[]> {
  const rows = await db
    .selectFrom('signing_key')
    .select(publicColumns)
    .where('org_id', '=', org)
    .where('server_id', '=', serverId)
    .orderBy('signs_from')
    .orderBy('id')
    .execute()
  return rows.map(toSigningKey)
}

/** @throws {LatchkeyError} `signing_key_not_found`, `ciphertext_unreadable` */
export async function loadPrivateKey(
  db: Reader,
  vault: Vault,
  org: OrgId,
  serverId: string,
  kid: KeyId,
): Promise<KeyObject> {
  const row = await db
    .selectFrom('signing_key')
    .select('private_key')
    .where('org_id', '=', org)
    .where('server_id', '=', serverId)
    .where('id', '=', kid)
    .executeTakeFirst()
  if (!row) throw errors.signing_key_not_found()
  const der = vault.decrypt(privateKeyPurpose(org, serverId, kid), row.private_key)
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
}

/**
 * Sees to it that a server has a key that signs and a next one. Costs one read where it has.
 *
 * @returns whether any was made; then the org's version is raised too
 * @throws {LatchkeyError} `org_not_found`
 */
export async function ensureSigningKeys(
  db: Database,
  vault: Vault,
  org: OrgId,
  serverId: string,
  algorithm: SigningAlgorithm,
  now: number,
): Promise<boolean> {
  const missing = countMissing(await listSigningKeys(db, org, serverId), algorithm, now)
  if (missing === 0) return false
  const made = await Promise.all(Array.from({ length: missing }, () => newSigningKey(algorithm)))
  return await inTransaction(db, async (tx) => {
    // Two processes that start at once wait here for one another; the second finds the keys of the first.
    await touchOrg(tx, org)
    const keys = await listSigningKeys(tx, org, serverId)
    const wanted = made.slice(0, countMissing(keys, algorithm, now))
    let hasCurrent = currentKey(keys, now, algorithm) !== undefined
    for (const key of wanted) {
      await insertKey(tx, vault, org, serverId, key, {
        now,
        signsFrom: hasCurrent ? now + publishBeforeMs : now - clockDifferenceMs,
      })
      hasCurrent = true
    }
    return wanted.length > 0
  })
}

function countMissing(keys: readonly SigningKey[], algorithm: SigningAlgorithm, now: number): number {
  const found = [currentKey(keys, now, algorithm), nextKey(keys, now, algorithm)]
  return found.filter((key) => key === undefined).length
}

export type RotationOptions = {
  /** How long the tokens live that the retired key has signed. */
  tokenLifetimeMs: number
  /** How long a key must have been published before it signs; a day unless told otherwise. */
  publishBeforeMs?: number
  /** The next key takes over now: clients that cache the keys may refuse tokens until they look again. */
  immediately?: boolean
  /** Made before the transaction; it becomes the next key. Without it `ensureSigningKeys` makes one later. */
  spare?: NewSigningKey
  /** Which keys, where a server has those of several algorithms; the current key's unless told otherwise. */
  algorithm?: SigningAlgorithm
}

/** The next key (`promoted`) takes over from the current one (`retired`) at a time that may lie ahead. */
export type Rotation = { retired: KeyId; promoted: KeyId; at: number }

/**
 * Lets the next key take over: as soon as it has been published for long enough, or at once.
 *
 * @returns undefined where a rotation is under way already
 * @throws {LatchkeyError} `next_signing_key_missing`: call `ensureSigningKeys` first
 */
export async function rotateSigningKeys(
  tx: Transaction,
  vault: Vault,
  org: OrgId,
  serverId: string,
  now: number,
  options: RotationOptions,
): Promise<Rotation | undefined> {
  await touchOrg(tx, org)
  const keys = await listSigningKeys(tx, org, serverId)
  const current = currentKey(keys, now, options.algorithm)
  const next = current && nextKey(keys, now, current.algorithm)
  if (!current || !next) throw errors.next_signing_key_missing()
  if (current.signsUntil !== null && !options.immediately) return undefined

  const publishedFor = options.publishBeforeMs ?? publishBeforeMs
  const at = options.immediately ? now : Math.max(now, next.createdAt + publishedFor)
  await setTimes(tx, org, current, { signs_until: at, expires_at: at + options.tokenLifetimeMs })
  await setTimes(tx, org, next, { signs_from: at })
  if (options.spare) {
    const signsFrom = Math.max(at, now + publishedFor)
    await insertKey(tx, vault, org, serverId, options.spare, { now, signsFrom })
  }
  return { retired: current.id, promoted: next.id, at }
}

/** @returns how many keys were removed because their last token has expired */
export async function removeExpiredKeys(db: Database, now: number): Promise<number> {
  const result = await db.deleteFrom('signing_key').where('expires_at', '<=', now).executeTakeFirst()
  return Number(result.numDeletedRows)
}

async function insertKey(
  tx: Transaction,
  vault: Vault,
  org: OrgId,
  serverId: string,
  { publicJwk, privateKey }: NewSigningKey,
  { now, signsFrom }: { now: number; signsFrom: number },
): Promise<void> {
  const der = privateKey.export({ format: 'der', type: 'pkcs8' })
  await tx
    .insertInto('signing_key')
    .values({
      org_id: org,
      server_id: serverId,
      id: publicJwk.kid,
      algorithm: publicJwk.alg,
      public_jwk: publicJwk,
      private_key: vault.encrypt(privateKeyPurpose(org, serverId, publicJwk.kid), der),
      created_at: now,
      signs_from: signsFrom,
      signs_until: null,
      expires_at: null,
    })
    .execute()
}

async function setTimes(
  tx: Transaction,
  org: OrgId,
  key: SigningKey,
  times: Partial<Pick<SigningKeyTable, 'signs_from' | 'signs_until' | 'expires_at'>>,
): Promise<void> {
  await tx
    .updateTable('signing_key')
    .set(times)
    .where('org_id', '=', org)
    .where('server_id', '=', key.serverId)
    .where('id', '=', key.id)
    .execute()
}

function toSigningKey(row: Omit<SigningKeyTable, 'org_id' | 'private_key'>): SigningKey {
  return {
    id: row.id,
    serverId: row.server_id,
    algorithm: row.algorithm,
    publicJwk: row.public_jwk,
    createdAt: row.created_at,
    signsFrom: row.signs_from,
    signsUntil: row.signs_until,
    expiresAt: row.expires_at,
  }
}
