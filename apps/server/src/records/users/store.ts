import { prepare, type Reader, type Transaction } from '../../platform/database/index.ts'
import type { DirectoryId } from '../directories/index.ts'
import type { OrgId } from '../orgs/index.ts'
import { errors } from './errors.ts'
import { isIdentifier, normaliseIdentifier } from './identifier.ts'
import { type PersonTable, toUser } from './row.ts'
import {
  type NewUser,
  newUserId,
  type Profile,
  type User,
  type UserId,
  type UserPatch,
  type UserStatus,
} from './user.ts'

type IdentifierTable = {
  org_id: OrgId
  directory_id: DirectoryId
  value_normal: string
  kind: 'login'
  value: string
  user_id: UserId
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    person: PersonTable
    identifier: IdentifierTable
  }
}

/**
 * Creates a user and the identifier that their login is.
 *
 * @throws {LatchkeyError} `login_taken`, `user_exists` (let them leave the transaction), `identifier_invalid`
 */
export async function insertUser(tx: Transaction, org: OrgId, input: NewUser, now: number): Promise<User> {
  const { directoryId, status, profile } = input
  const row: PersonTable = {
    org_id: org,
    id: input.id ?? newUserId(),
    directory_id: directoryId,
    status,
    login: profile.login,
    profile,
    created_at: now,
    activated_at: status === 'active' ? now : null,
    status_changed_at: now,
    updated_at: now,
    last_login_at: null,
    passkey_snoozed_until: null,
  }
  const inserted = await tx
    .insertInto('person')
    .values(row)
    .onConflict((conflict) => conflict.columns(['org_id', 'id']).doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!inserted) throw errors.user_exists()
  await insertLogin(tx, row)
  return toUser(row)
}

async function insertLogin(tx: Transaction, person: PersonTable): Promise<void> {
  const inserted = await tx
    .insertInto('identifier')
    .values({
      org_id: person.org_id,
      directory_id: person.directory_id,
      value_normal: normaliseIdentifier(person.login),
      kind: 'login',
      value: person.login,
      user_id: person.id,
    })
    .onConflict((conflict) => conflict.columns(['org_id', 'directory_id', 'value_normal']).doNothing())
    .returning('user_id')
    .executeTakeFirst()
  if (!inserted) throw errors.login_taken()
}

export async function findUser(db: Reader, org: OrgId, id: UserId): Promise<User | undefined> {
  const [row] = await selectById(db, { org, id })
  return row && toUser(row)
}

const selectById = prepare((db, { org, id }: { org: OrgId; id: UserId }) =>
  db.selectFrom('person').selectAll().where('org_id', '=', org).where('id', '=', id),
)

/** @throws {LatchkeyError} `user_not_found` */
export async function getUser(db: Reader, org: OrgId, id: UserId): Promise<User> {
  const user = await findUser(db, org, id)
  if (!user) throw errors.user_not_found()
  return user
}

/** Finds the user of a directory whom a typed identifier names; one that cannot be an identifier names nobody. */
export async function findUserByIdentifier(
  db: Reader,
  org: OrgId,
  directoryId: DirectoryId,
  text: string,
): Promise<User | undefined> {
  if (!isIdentifier(text)) return undefined
  const row = await db
    .selectFrom('identifier')
    .innerJoin('person', (join) =>
      join.onRef('person.org_id', '=', 'identifier.org_id').onRef('person.id', '=', 'identifier.user_id'),
    )
    .selectAll('person')
    .where('identifier.org_id', '=', org)
    .where('identifier.directory_id', '=', directoryId)
    .where('identifier.value_normal', '=', normaliseIdentifier(text))
    .executeTakeFirst()
  return row && toUser(row)
}

/**
 * Changes a user's profile, and their identifier where the login changes.
 *
 * @throws {LatchkeyError} `user_not_found`, `login_taken`, `identifier_invalid`
 */
export async function updateUser(
  tx: Transaction,
  org: OrgId,
  id: UserId,
  patch: UserPatch,
  now: number,
): Promise<User> {
  // Locks the row before it is merged: of two changes at once, neither is lost.
  const known = await tx
    .updateTable('person')
    .set({ updated_at: now })
    .where('org_id', '=', org)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst()
  if (!known) throw errors.user_not_found()
  const profile = mergeProfile(known.profile, patch.profile)
  const person = { ...known, profile, login: profile.login }
  await tx
    .updateTable('person')
    .set({ profile, login: profile.login })
    .where('org_id', '=', org)
    .where('id', '=', id)
    .execute()
  if (person.login !== known.login) {
    await tx.deleteFrom('identifier').where('org_id', '=', org).where('user_id', '=', id).execute()
    await insertLogin(tx, person)
  }
  return toUser(person)
}

/** Attributes given as null go; login and e-mail cannot. */
function mergeProfile(known: Profile, patch: UserPatch['profile']): Profile {
  const merged = Object.entries({ ...known, ...patch }).filter(([, value]) => value !== null)
  const { login, email } = known
  return { login, email, ...Object.fromEntries(merged) } as Profile
}

/** @throws {LatchkeyError} `user_not_found` */
export async function setUserStatus(
  tx: Transaction,
  org: OrgId,
  id: UserId,
  status: UserStatus,
  now: number,
): Promise<User> {
  const row = await changeStatus(tx, org, id, status, now).executeTakeFirst()
  if (!row) throw errors.user_not_found()
  return toUser(row)
}

function changeStatus(tx: Transaction, org: OrgId, id: UserId, status: UserStatus, now: number) {
  return tx
    .updateTable('person')
    .set(({ fn, ref, val }) => ({
      status,
      status_changed_at: now,
      updated_at: now,
      activated_at: status === 'active' ? fn.coalesce(ref('activated_at'), val(now)) : ref('activated_at'),
    }))
    .where('org_id', '=', org)
    .where('id', '=', id)
    .returningAll()
}

/**
 * Changes the status of a user who has one of those that it may be changed from; of two who try at once, one does.
 *
 * @returns undefined where there is no such user, or not of such a status
 */
export async function moveUserStatus(
  tx: Transaction,
  org: OrgId,
  id: UserId,
  { from, to }: { readonly from: readonly UserStatus[]; readonly to: UserStatus },
  now: number,
): Promise<User | undefined> {
  const row = await changeStatus(tx, org, id, to, now).where('status', 'in', from).executeTakeFirst()
  return row && toUser(row)
}

/** Keeps when the user last signed in. One statement; a user who is gone is no error. */
export async function saveLastLogin(tx: Transaction, org: OrgId, id: UserId, now: number): Promise<void> {
  await updateLastLogin(tx, { org, id, now })
}

const updateLastLogin = prepare((db, { org, id, now }: { org: OrgId; id: UserId; now: number }) =>
  db.updateTable('person').set({ last_login_at: now }).where('org_id', '=', org).where('id', '=', id),
)

/** Keeps until when the user is not asked again to create a passkey. */
export async function savePasskeySnooze(tx: Transaction, org: OrgId, id: UserId, until: number): Promise<void> {
  const changes = { passkey_snoozed_until: until }
  await tx.updateTable('person').set(changes).where('org_id', '=', org).where('id', '=', id).execute()
}

/** Deletes a user with everything that is theirs alone. @returns whether there was one */
export async function deleteUser(tx: Transaction, org: OrgId, id: UserId): Promise<boolean> {
  const result = await tx.deleteFrom('person').where('org_id', '=', org).where('id', '=', id).executeTakeFirst()
  return result.numDeletedRows > 0n
}

/** Lists users by (created, id), page by page: `after` is the last one of the page before. */
export async function listUsers(
  db: Reader,
  org: OrgId,
  { limit, after, directoryId }: { limit: number; after?: Pick<User, 'createdAt' | 'id'>; directoryId?: DirectoryId },
): Promise<User[]> {
  let users = db.selectFrom('person').selectAll().where('org_id', '=', org)
  if (directoryId !== undefined) users = users.where('directory_id', '=', directoryId)
  if (after) {
    users = users.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('created_at', 'id'), '>', tuple(after.createdAt, after.id)),
    )
  }
  return (await users.orderBy('created_at').orderBy('id').limit(limit).execute()).map(toUser)
}
