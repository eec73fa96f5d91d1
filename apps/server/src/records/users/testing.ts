/** Users for tests. */
import { type Database, inTransaction } from '../../platform/database/index.ts'
import { type DirectoryId, newDirectoryId, saveDirectory } from '../directories/index.ts'
import type { OrgId } from '../orgs/index.ts'
import { makeOrg, testTime } from '../orgs/testing.ts'
import { insertUser } from './store.ts'
import type { NewUser, User } from './user.ts'

/** Makes an org with a directory. */
export async function makeDirectory(db: Database): Promise<{ org: OrgId; directoryId: DirectoryId }> {
  const org = await makeOrg(db)
  const directoryId = newDirectoryId()
  await inTransaction(db, (tx) => saveDirectory(tx, org, { id: directoryId, name: 'People' }, testTime))
  return { org, directoryId }
}

/** Makes an active user whose login is their e-mail address. */
export async function makeUser(
  db: Database,
  { org, directoryId }: { org: OrgId; directoryId: DirectoryId },
  login = 'ada@example.com',
  input: Partial<NewUser> = {},
): Promise<User> {
  const user: NewUser = { directoryId, status: 'active', profile: { login, email: login }, ...input }
  return await inTransaction(db, (tx) => insertUser(tx, org, user, testTime))
}
