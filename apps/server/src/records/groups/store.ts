import { isUniqueViolation, type Reader, type Transaction } from '../../platform/database/index.ts'
import type { OrgId } from '../orgs/index.ts'
import { findUser, listUsers, type UserId, errors as userErrors } from '../users/index.ts'
import { errors } from './errors.ts'
import {
  everyone,
  type Group,
  type GroupId,
  type GroupInput,
  type GroupKind,
  type GroupMember,
  newGroupId,
} from './group.ts'

type UserGroupTable = {
  org_id: OrgId
  id: GroupId
  name: string
  description: string | null
  kind: GroupKind
  created_at: number
  updated_at: number
}

type GroupMemberTable = { org_id: OrgId; group_id: GroupId; user_id: UserId; created_at: number }

declare module '../../platform/database/schema.ts' {
  interface Schema {
    user_group: UserGroupTable
    group_member: GroupMemberTable
  }
}

/** Makes the groups that every org has. Call it in the transaction that creates an org. */
export async function ensureBuiltinGroups(tx: Transaction, org: OrgId, now: number): Promise<void> {
  await tx
    .insertInto('user_group')
    .values({
      org_id: org,
      id: newGroupId(),
      name: everyone,
      description: 'All users of the org.',
      kind: 'builtin',
      created_at: now,
      updated_at: now,
    })
    .onConflict((conflict) => conflict.columns(['org_id', 'name']).doNothing())
    .execute()
}

/**
 * Creates a group, or makes it what is given; a description that is absent stays.
 *
 * @returns whether anything changed
 * @throws {LatchkeyError} `group_name_taken` (let it leave the transaction), `group_is_builtin`
 */
export async function saveGroup(tx: Transaction, org: OrgId, input: GroupInput, now: number): Promise<boolean> {
  const known = await findGroup(tx, org, input.id)
  if (known?.kind === 'builtin') throw errors.group_is_builtin()
  const { id, name } = input
  const description = input.description === undefined ? (known?.description ?? null) : input.description
  if (known && known.name === name && known.description === description) return false
  try {
    await tx
      .insertInto('user_group')
      .values({ org_id: org, id, name, description, kind: 'custom', created_at: now, updated_at: now })
      .onConflict((conflict) => conflict.columns(['org_id', 'id']).doUpdateSet({ name, description, updated_at: now }))
      .execute()
  } catch (cause) {
    throw isUniqueViolation(cause) ? errors.group_name_taken({ cause }) : cause
  }
  return true
}

export async function findGroup(db: Reader, org: OrgId, id: GroupId): Promise<Group | undefined> {
  const row = await selectGroups(db, org).where('id', '=', id).executeTakeFirst()
  return row && toGroup(row)
}

export async function findGroupByName(db: Reader, org: OrgId, name: string): Promise<Group | undefined> {
  const row = await selectGroups(db, org).where('name', '=', name).executeTakeFirst()
  return row && toGroup(row)
}

/** Lists groups by (created, id), page by page: `after` is the last one of the page before. */
export async function listGroups(
  db: Reader,
  org: OrgId,
  { limit, after }: { limit: number; after?: Pick<Group, 'createdAt' | 'id'> },
): Promise<Group[]> {
  let groups = selectGroups(db, org)
  if (after) {
    groups = groups.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('created_at', 'id'), '>', tuple(after.createdAt, after.id)),
    )
  }
  return (await groups.orderBy('created_at').orderBy('id').limit(limit).execute()).map(toGroup)
}

/**
 * @returns whether there was such a group
 * @throws {LatchkeyError} `group_is_builtin`
 */
export async function deleteGroup(tx: Transaction, org: OrgId, id: GroupId): Promise<boolean> {
  const group = await findGroup(tx, org, id)
  if (!group) return false
  if (group.kind === 'builtin') throw errors.group_is_builtin()
  await tx.deleteFrom('user_group').where('org_id', '=', org).where('id', '=', id).execute()
  return true
}

/**
 * @returns whether the user was not a member yet
 * @throws {LatchkeyError} `group_not_found`, `group_is_builtin`, `user_not_found`
 */
export async function addMember(
  tx: Transaction,
  org: OrgId,
  groupId: GroupId,
  userId: UserId,
  now: number,
): Promise<boolean> {
  await checkCustom(tx, org, groupId)
  if (!(await findUser(tx, org, userId))) throw userErrors.user_not_found()
  const added = await tx
    .insertInto('group_member')
    .values({ org_id: org, group_id: groupId, user_id: userId, created_at: now })
    .onConflict((conflict) => conflict.columns(['org_id', 'group_id', 'user_id']).doNothing())
    .returning('user_id')
    .executeTakeFirst()
  return added !== undefined
}

/**
 * @returns whether the user was a member
 * @throws {LatchkeyError} `group_not_found`, `group_is_builtin`
 */
export async function removeMember(tx: Transaction, org: OrgId, groupId: GroupId, userId: UserId): Promise<boolean> {
  await checkCustom(tx, org, groupId)
  const result = await tx
    .deleteFrom('group_member')
    .where('org_id', '=', org)
    .where('group_id', '=', groupId)
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return result.numDeletedRows > 0n
}

async function checkCustom(tx: Transaction, org: OrgId, groupId: GroupId): Promise<void> {
  const group = await findGroup(tx, org, groupId)
  if (!group) throw errors.group_not_found()
  if (group.kind === 'builtin') throw errors.group_is_builtin()
}

/** Lists members by (added, user id), page by page; of Everyone, all users by (created, id). */
export async function listMembers(
  db: Reader,
  org: OrgId,
  groupId: GroupId,
  { limit, after }: { limit: number; after?: GroupMember },
): Promise<GroupMember[]> {
  const group = await findGroup(db, org, groupId)
  if (group?.kind === 'builtin') {
    const users = await listUsers(db, org, {
      limit,
      ...(after && { after: { createdAt: after.addedAt, id: after.userId } }),
    })
    return users.map(({ id, createdAt }) => ({ userId: id, addedAt: createdAt }))
  }
  let members = db.selectFrom('group_member').selectAll().where('org_id', '=', org).where('group_id', '=', groupId)
  if (after) {
    members = members.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('created_at', 'user_id'), '>', tuple(after.addedAt, after.userId)),
    )
  }
  const rows = await members.orderBy('created_at').orderBy('user_id').limit(limit).execute()
  return rows.map(({ user_id: userId, created_at: addedAt }) => ({ userId, addedAt }))
}

/** Lists the groups that a user of the org belongs to, Everyone included, by name. One statement. */
export async function listGroupsOfUser(db: Reader, org: OrgId, userId: UserId): Promise<Group[]> {
  const joined = db
    .selectFrom('group_member')
    .select('group_id')
    .where('org_id', '=', org)
    .where('user_id', '=', userId)
  const person = db.selectFrom('person').select('id').where('org_id', '=', org).where('id', '=', userId)
  const rows = await selectGroups(db, org)
    .where(({ and, eb, exists, or }) => or([eb('id', 'in', joined), and([eb('kind', '=', 'builtin'), exists(person)])]))
    .orderBy('name')
    .execute()
  return rows.map(toGroup)
}

function selectGroups(db: Reader, org: OrgId) {
  return db.selectFrom('user_group').selectAll().where('org_id', '=', org)
}

function toGroup({ id, name, description, kind, created_at: createdAt, updated_at: updatedAt }: UserGroupTable): Group {
  return { id, name, description, kind, createdAt, updatedAt }
}
