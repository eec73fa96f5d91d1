import type { Reader, Transaction } from '../../../platform/database/index.ts'
import type { OrgId } from '../../orgs/index.ts'
import type { UserId } from '../user.ts'

type PasswordTable = { org_id: OrgId; user_id: UserId; hash: string; changed_at: number }

declare module '../../../platform/database/schema.ts' {
  interface Schema {
    password: PasswordTable
  }
}

/** Finds the hash of a user's password, where they have one. */
export async function findPasswordHash(db: Reader, org: OrgId, userId: UserId): Promise<string | undefined> {
  const row = await db
    .selectFrom('password')
    .select('hash')
    .where('org_id', '=', org)
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return row?.hash
}

/** Tells when each of some users' passwords was set; who has none is not in it. */
export async function listPasswordChanges(
  db: Reader,
  org: OrgId,
  userIds: readonly UserId[],
): Promise<ReadonlyMap<UserId, number>> {
  // PostgreSQL knows no empty list.
  if (userIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('password')
    .select(['user_id', 'changed_at'])
    .where('org_id', '=', org)
    .where('user_id', 'in', userIds)
    .execute()
  return new Map(rows.map(({ user_id: id, changed_at: at }) => [id, at]))
}

/** Keeps the hash of a user's new password in place of the old one; the hash must be made outside the transaction. */
export async function savePasswordHash(
  tx: Transaction,
  org: OrgId,
  userId: UserId,
  hash: string,
  now: number,
): Promise<void> {
  await tx
    .insertInto('password')
    .values({ org_id: org, user_id: userId, hash, changed_at: now })
    .onConflict((conflict) => conflict.columns(['org_id', 'user_id']).doUpdateSet({ hash, changed_at: now }))
    .execute()
}

/** @returns whether there was one */
export async function removePassword(tx: Transaction, org: OrgId, userId: UserId): Promise<boolean> {
  const result = await tx
    .deleteFrom('password')
    .where('org_id', '=', org)
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return result.numDeletedRows > 0n
}
