import { createUser } from '../../directory/index.ts'
import {
  type DirectoryId,
  findDirectory,
  getDefaultDirectory,
  listDirectories,
} from '../../records/directories/index.ts'
import { recordEvent } from '../../records/events/index.ts'
import { addMember, findGroup, findGroupByName, newGroupId, saveGroup } from '../../records/groups/index.ts'
import {
  addRole,
  findUser,
  findUserByIdentifier,
  listAddresses,
  normaliseEmail,
  removeAddress,
  saveAddress,
  savePasswordHash,
  type User,
  type UserId,
  updateUser,
  userIdSchema,
  verifyAddress,
} from '../../records/users/index.ts'
import { type Application, applyEach, count, note } from './changes.ts'
import { BlueprintError, jsonPath } from './errors.ts'
import { findKnownUser, type NewHashes } from './passwords.ts'
import type { GroupBlueprint, UserBlueprint } from './schema.ts'

/** Creates and updates users with their address, password and roles. */
export async function applyUsers(application: Application, users: readonly UserBlueprint[], hashes: NewHashes) {
  await applyEach(application, 'users', users, async (user, place) => {
    const directoryId = await directoryOf(application, user, place)
    const known = await findKnownUser(application.tx, application.org, directoryId, user)
    if (known && known.directoryId !== directoryId)
      throw new BlueprintError(jsonPath([...place, 'directory']), 'is not the directory that this user is in')
    const id = known ? known.id : await insert(application, user, directoryId)
    const changed = known ? await update(application, known, user) : false
    const isRehashed = await keepPassword(application, id, hashes.get(user))
    if (known && (changed || isRehashed)) count(application.changes, 'updated', 'users')
  })
}

async function directoryOf(application: Application, user: UserBlueprint, place: readonly PropertyKey[]) {
  const { tx, org } = application
  if (user.directory === undefined) return (await getDefaultDirectory(tx, org)).id
  const directory = await findDirectory(tx, org, user.directory)
  if (!directory) throw new BlueprintError(jsonPath([...place, 'directory']), 'is not a directory of this org')
  return directory.id
}

async function insert(application: Application, user: UserBlueprint, directoryId: DirectoryId): Promise<UserId> {
  const { tx, org, at, changes } = application
  const [role] = user.roles
  const created = await createUser(
    tx,
    org,
    {
      ...(user.id && { id: user.id }),
      directoryId,
      status: 'active',
      profile: profileOf(user),
      isEmailVerified: user.emailVerified,
      ...(role && { role }),
    },
    at,
  )
  count(changes, 'created', 'users')
  return created.id
}

function profileOf({ login, email, firstName, lastName }: UserBlueprint) {
  return { login, email, ...(firstName !== undefined && { firstName }), ...(lastName !== undefined && { lastName }) }
}

async function update(application: Application, known: User, user: UserBlueprint): Promise<boolean> {
  const { tx, org, at } = application
  const wanted = Object.entries(profileOf(user)).filter(([attribute, value]) => known.profile[attribute] !== value)
  if (wanted.length > 0) await updateUser(tx, org, known.id, { profile: Object.fromEntries(wanted) }, at)
  // The address before opens nothing any more, as when an administrator changes it.
  if (normaliseEmail(known.profile.email) !== normaliseEmail(user.email))
    await removeAddress(tx, org, known.id, 'email', known.profile.email)
  const changes = [
    wanted.length > 0,
    await keepAddress(application, known.id, user),
    await keepRoles(application, known.id, user),
  ]
  if (!changes.includes(true)) return false
  await recordEvent(tx, org, 'user.updated', { at, userId: known.id })
  return true
}

async function keepAddress({ tx, org, at }: Application, userId: UserId, user: UserBlueprint): Promise<boolean> {
  const addresses = await listAddresses(tx, org, userId)
  const known = addresses.find(({ value }) => normaliseEmail(value) === normaliseEmail(user.email))
  const isKept = known?.isPrimary && known.value === user.email
  const isProven = known !== undefined && known.verifiedAt !== null
  if (!isKept) await saveAddress(tx, org, { userId, kind: 'email', value: user.email, isPrimary: true })
  if (user.emailVerified && !isProven) await verifyAddress(tx, org, userId, 'email', user.email, at)
  return !isKept || (user.emailVerified && !isProven)
}

async function keepRoles({ tx, org, at }: Application, userId: UserId, user: UserBlueprint): Promise<boolean> {
  let isChanged = false
  for (const role of user.roles) isChanged = (await addRole(tx, org, userId, role, at)) || isChanged
  return isChanged
}

async function keepPassword(application: Application, userId: UserId, hash: string | undefined): Promise<boolean> {
  if (hash === undefined) return false
  const { tx, org, at } = application
  await savePasswordHash(tx, org, userId, hash, at)
  await recordEvent(tx, org, 'password.changed', { at, userId })
  return true
}

/** Creates and updates groups and adds their members; nobody is removed, since others add members too. */
export async function applyGroups(application: Application, groups: readonly GroupBlueprint[]) {
  const { tx, org, at } = application
  await applyEach(application, 'groups', groups, async (group, place) => {
    const known = group.id ? await findGroup(tx, org, group.id) : await findGroupByName(tx, org, group.name)
    const id = known?.id ?? group.id ?? newGroupId()
    const { name, description } = group
    const isSaved = await saveGroup(tx, org, { id, name, ...(description !== undefined && { description }) }, at)
    if (isSaved && known) await note(application, 'updated', 'groups', 'group.updated', { details: { groupId: id } })
    if (isSaved && !known) await note(application, 'created', 'groups', 'group.created', { details: { groupId: id } })
    for (const [index, member] of group.members.entries()) {
      const userId = await findMember(application, member)
      if (!userId) throw new BlueprintError(jsonPath([...place, 'members', index]), 'is not a user of this org')
      if (!(await addMember(tx, org, id, userId, at))) continue
      await note(application, 'created', 'members', 'group.member-added', { userId, details: { groupId: id } })
    }
  })
}

/** A member is named by id or by login, in the default directory first. */
async function findMember({ tx, org }: Application, member: string): Promise<UserId | undefined> {
  const id = userIdSchema.safeParse(member)
  const byId = id.success ? await findUser(tx, org, id.data) : undefined
  if (byId) return byId.id
  const directories = (await listDirectories(tx, org)).toSorted((a, b) => Number(b.isDefault) - Number(a.isDefault))
  for (const directory of directories) {
    const user = await findUserByIdentifier(tx, org, directory.id, member)
    if (user) return user.id
  }
  return undefined
}
