import { sql } from 'kysely'
import { isUniqueViolation, type Reader, type Transaction } from '../../../platform/database/index.ts'
import type { DirectoryId } from '../../directories/index.ts'
import type { OrgId } from '../../orgs/index.ts'
import { errors } from '../errors.ts'
import { isEmail, normaliseEmail } from '../identifier.ts'
import type { Address, AddressKind, UserId } from '../user.ts'

type AddressTable = {
  org_id: OrgId
  directory_id: DirectoryId
  user_id: UserId
  kind: AddressKind
  value_normal: string
  value: string
  is_primary: boolean
  verified_at: number | null
}

declare module '../../../platform/database/schema.ts' {
  interface Schema {
    address: AddressTable
  }
}

/** Lists a user's addresses, the primary one first. */
export async function listAddresses(db: Reader, org: OrgId, userId: UserId): Promise<Address[]> {
  const rows = await db
    .selectFrom('address')
    .selectAll()
    .where('org_id', '=', org)
    .where('user_id', '=', userId)
    .orderBy('is_primary', 'desc')
    .orderBy('value_normal')
    .execute()
  return rows.map(({ kind, value, is_primary: isPrimary, verified_at: verifiedAt }) => ({
    kind,
    value,
    isPrimary,
    verifiedAt,
  }))
}

/**
 * Keeps an address of a user, unproven until `verifyAddress`; one that they have already stays proven.
 *
 * @throws {LatchkeyError} `identifier_invalid`, `user_not_found`
 */
export async function saveAddress(
  tx: Transaction,
  org: OrgId,
  input: { userId: UserId; kind: AddressKind; value: string; isPrimary: boolean },
): Promise<void> {
  const { userId, kind, isPrimary } = input
  const value = input.value.trim()
  const person = await tx
    .selectFrom('person')
    .select('directory_id')
    .where('org_id', '=', org)
    .where('id', '=', userId)
    .executeTakeFirst()
  if (!person) throw errors.user_not_found()
  if (isPrimary) await clearPrimary(tx, org, userId, kind)
  await tx
    .insertInto('address')
    .values({
      org_id: org,
      directory_id: person.directory_id,
      user_id: userId,
      kind,
      value_normal: normaliseEmail(value),
      value,
      is_primary: isPrimary,
      verified_at: null,
    })
    .onConflict((conflict) =>
      conflict.columns(['org_id', 'user_id', 'kind', 'value_normal']).doUpdateSet({ value, is_primary: isPrimary }),
    )
    .execute()
}

async function clearPrimary(tx: Transaction, org: OrgId, userId: UserId, kind: AddressKind): Promise<void> {
  await tx
    .updateTable('address')
    .set({ is_primary: false })
    .where('org_id', '=', org)
    .where('user_id', '=', userId)
    .where('kind', '=', kind)
    .execute()
}

/**
 * Keeps that a user has proven an address to be theirs. The first proof counts: its time stays.
 *
 * @throws {LatchkeyError} `address_taken` when another user of the directory has proven it (let it leave the
 * transaction), `address_not_found`, `identifier_invalid`
 */
export async function verifyAddress(
  tx: Transaction,
  org: OrgId,
  userId: UserId,
  kind: AddressKind,
  value: string,
  now: number,
): Promise<void> {
  try {
    const result = await tx
      .updateTable('address')
      .set({ verified_at: sql`coalesce(verified_at, ${now})` })
      .where('org_id', '=', org)
      .where('user_id', '=', userId)
      .where('kind', '=', kind)
      .where('value_normal', '=', normaliseEmail(value))
      .executeTakeFirst()
    if (result.numUpdatedRows === 0n) throw errors.address_not_found()
  } catch (cause) {
    if (isUniqueViolation(cause)) throw errors.address_taken({ cause })
    throw cause
  }
}

/** Finds who has proven an address; one that cannot be an address is nobody's. */
export async function findVerifiedAddress(
  db: Reader,
  org: OrgId,
  directoryId: DirectoryId,
  kind: AddressKind,
  value: string,
): Promise<UserId | undefined> {
  if (!isEmail(value)) return undefined
  const row = await db
    .selectFrom('address')
    .select('user_id')
    .where('org_id', '=', org)
    .where('directory_id', '=', directoryId)
    .where('kind', '=', kind)
    .where('value_normal', '=', normaliseEmail(value))
    .where('verified_at', 'is not', null)
    .executeTakeFirst()
  return row?.user_id
}

/** @returns whether the user had it */
export async function removeAddress(
  tx: Transaction,
  org: OrgId,
  userId: UserId,
  kind: AddressKind,
  value: string,
): Promise<boolean> {
  if (!isEmail(value)) return false
  const result = await tx
    .deleteFrom('address')
    .where('org_id', '=', org)
    .where('user_id', '=', userId)
    .where('kind', '=', kind)
    .where('value_normal', '=', normaliseEmail(value))
    .executeTakeFirst()
  return result.numDeletedRows > 0n
}
