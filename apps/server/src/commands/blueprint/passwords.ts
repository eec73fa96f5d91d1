import type { Ground } from '../../platform/ground.ts'
import { hashPassword, isPasswordHashOutdated, verifyPassword } from '../../platform/password.ts'
import { type DirectoryId, getDefaultDirectory } from '../../records/directories/index.ts'
import { findOrg, type OrgId } from '../../records/orgs/index.ts'
import { findPasswordHash, findUser, findUserByIdentifier, type User } from '../../records/users/index.ts'
import type { UserBlueprint } from './schema.ts'

/** The hashes to keep, by the user of the blueprint; none for those whose password verifies already. */
export type NewHashes = ReadonlyMap<UserBlueprint, string>

/**
 * Hashes the passwords that are new, before the transaction: each takes milliseconds, in which SQLite's writer would
 * wait. One after another, because argon2 takes all of a core and 19 MiB each.
 */
export async function hashNewPasswords({ db }: Pick<Ground, 'db'>, org: OrgId, users: readonly UserBlueprint[]) {
  const hashes = new Map<UserBlueprint, string>()
  const isKnown = (await findOrg(db, org)) !== undefined
  for (const user of users) {
    if (user.password === undefined) continue
    const kept = isKnown ? await findHash(db, org, user) : undefined
    const isCurrent = kept !== undefined && !(await isPasswordHashOutdated(kept))
    if (isCurrent && (await verifyPassword(kept, user.password))) continue
    hashes.set(user, await hashPassword(user.password))
  }
  return hashes
}

async function findHash(db: Ground['db'], org: OrgId, user: UserBlueprint): Promise<string | undefined> {
  const directory = user.directory ?? (await getDefaultDirectory(db, org)).id
  const known = await findKnownUser(db, org, directory, user)
  return known && (await findPasswordHash(db, org, known.id))
}

/** The user that a blueprint means: by id where it gives one, else by login in the directory. */
export async function findKnownUser(
  db: Parameters<typeof findUser>[0],
  org: OrgId,
  directory: DirectoryId,
  user: UserBlueprint,
): Promise<User | undefined> {
  return user.id ? await findUser(db, org, user.id) : await findUserByIdentifier(db, org, directory, user.login)
}
