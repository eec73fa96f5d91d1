import type { Transaction } from '../platform/database/index.ts'
import { recordEvent } from '../records/events/index.ts'
import {
  findVerifiedAddress,
  getUser,
  moveUserStatus,
  normaliseEmail,
  removeAddress,
  saveAddress,
  savePasswordHash,
  type User,
  type UserPatch,
  updateUser,
  verifyAddress,
} from '../records/users/index.ts'
import { eventOf, type UserChange } from './change.ts'

/**
 * Changes a user's profile. A new e-mail address takes the place of the old one, which opens nothing any more.
 *
 * @throws {LatchkeyError} `user_not_found`, `login_taken`, `identifier_invalid`; let them leave the transaction
 */
export async function changeProfile(tx: Transaction, change: UserChange, profile: UserPatch['profile']): Promise<User> {
  const { org, userId, at } = change
  const known = await getUser(tx, org, userId)
  const attributes = Object.keys(profile).filter((name) => (known.profile[name] ?? null) !== profile[name])
  if (attributes.length === 0) return known
  const user = await updateUser(tx, org, userId, { profile }, at)
  const { email } = user.profile
  if (normaliseEmail(email) !== normaliseEmail(known.profile.email)) {
    await removeAddress(tx, org, userId, 'email', known.profile.email)
    await saveAddress(tx, org, { userId, kind: 'email', value: email, isPrimary: true })
    await vouchForAddress(tx, change, user)
  }
  await recordEvent(tx, org, 'user.updated', { ...eventOf(change, { attributes }), userId })
  return user
}

/**
 * Takes an administrator's word that a user's address is theirs; where somebody else has proven it, the word counts for
 * nothing and the address stays unproven.
 */
export async function vouchForAddress(tx: Transaction, change: UserChange, user: User): Promise<void> {
  const { org, at } = change
  const { email } = user.profile
  const owner = await findVerifiedAddress(tx, org, user.directoryId, 'email', email)
  if (owner === undefined) await verifyAddress(tx, org, user.id, 'email', email, at)
}

/**
 * Gives a user a password. Whoever had yet to set one up is active with it.
 *
 * @param hash made outside the transaction, which it would hold up
 * @throws {LatchkeyError} `user_not_found`
 */
export async function setPassword(tx: Transaction, change: UserChange, hash: string): Promise<User> {
  const { org, userId, at } = change
  const known = await getUser(tx, org, userId)
  await savePasswordHash(tx, org, userId, hash, at)
  await recordEvent(tx, org, 'password.changed', { ...eventOf(change), userId })
  const waiting = { from: ['provisioned', 'recovery', 'password_expired'], to: 'active' } as const
  return (await moveUserStatus(tx, org, userId, waiting, at)) ?? known
}
