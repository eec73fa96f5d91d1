import type { Transaction } from '../platform/database/index.ts'
import type { RequestContext } from '../platform/http/index.ts'
import type { DirectoryId } from '../records/directories/index.ts'
import { recordEvent } from '../records/events/index.ts'
import type { OrgId } from '../records/orgs/index.ts'
import {
  addRole,
  insertUser,
  type NewUser,
  type Role,
  saveAddress,
  type User,
  verifyAddress,
} from '../records/users/index.ts'
import { type Actor, eventOf } from './change.ts'

export type CreateUser = {
  id?: NewUser['id']
  directoryId: DirectoryId
  status: User['status']
  profile: NewUser['profile']
  /** The address was proven, by a code or by the word of an administrator. */
  isEmailVerified: boolean
  role?: Role
  context?: RequestContext
  by?: Actor
}

/**
 * Creates a user with their address and records it.
 *
 * @throws {LatchkeyError} `login_taken`; `address_taken` when another user has proven the address
 */
export async function createUser(tx: Transaction, org: OrgId, input: CreateUser, at: number): Promise<User> {
  const { id, directoryId, status, profile, isEmailVerified, role, context, by } = input
  const user = await insertUser(tx, org, { ...(id && { id }), directoryId, status, profile }, at)
  const address = { userId: user.id, kind: 'email', value: profile.email, isPrimary: true } as const
  await saveAddress(tx, org, address)
  if (isEmailVerified) await verifyAddress(tx, org, user.id, 'email', profile.email, at)
  if (role) await addRole(tx, org, user.id, role, at)
  const event = { ...eventOf({ org, at, ...(by && { by }), ...(context && { context }) }), userId: user.id }
  await recordEvent(tx, org, 'user.created', event)
  if (role === 'admin') await recordEvent(tx, org, 'admin.created', event)
  return user
}
