import type { Reader, Transaction } from '../../../platform/database/index.ts'
import type { OrgId } from '../../orgs/index.ts'
import type { Role, UserId } from '../user.ts'

type RoleAssignmentTable = { org_id: OrgId; user_id: UserId; role: Role; created_at: number }

declare module '../../../platform/database/schema.ts' {
  interface Schema {
    role_assignment: RoleAssignmentTable
  }
}

/** @returns whether the user did not have it yet */
export async function addRole(tx: Transaction, org: OrgId, userId: UserId, role: Role, now: number): Promise<boolean> {
  const added = await tx
    .insertInto('role_assignment')
    .values({ org_id: org, user_id: userId, role, created_at: now })
    .onConflict((conflict) => conflict.columns(['org_id', 'user_id', 'role']).doNothing())
    .returning('role')
    .executeTakeFirst()
  return added !== undefined
}

/** @returns whether the user had it */
export async function removeRole(tx: Transaction, org: OrgId, userId: UserId, role: Role): Promise<boolean> {
  const result = await tx
    .deleteFrom('role_assignment')
    .where('org_id', '=', org)
    .where('user_id', '=', userId)
    .where('role', '=', role)
    .executeTakeFirst()
  return result.numDeletedRows > 0n
}

export async function listRoles(db: Reader, org: OrgId, userId: UserId): Promise<Role[]> {
  const rows = await db
    .selectFrom('role_assignment')
    .select('role')
    .where('org_id', '=', org)
    .where('user_id', '=', userId)
    .orderBy('role')
    .execute()
  return rows.map(({ role }) => role)
}

/** Tells whether anybody in the org has a role: until somebody is an administrator, it can be set up. */
export async function hasUserWithRole(db: Reader, org: OrgId, role: Role): Promise<boolean> {
  const found = await db
    .selectFrom('role_assignment')
    .select('user_id')
    .where('org_id', '=', org)
    .where('role', '=', role)
    .limit(1)
    .executeTakeFirst()
  return found !== undefined
}
