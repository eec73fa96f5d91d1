import type { Transaction } from '../platform/database/index.ts'
import { countCredentials } from '../records/credentials/index.ts'
import { type EventName, recordEvent } from '../records/events/index.ts'
import { revokeGrantsOfUser } from '../records/grants/index.ts'
import { endSessionsOfUser } from '../records/sessions/index.ts'
import {
  deleteUser,
  displayName,
  findPasswordHash,
  getUser,
  moveUserStatus,
  removePassword,
  type User,
  type UserStatus,
} from '../records/users/index.ts'
import { eventOf, type UserChange } from './change.ts'
import { directoryErrors } from './errors.ts'

type Transition = {
  readonly from: readonly UserStatus[]
  readonly event: EventName
  readonly refusal: 'user_already_active' | 'user_already_deactivated' | 'user_not_active' | 'user_not_suspended'
}

const all: readonly UserStatus[] = ['staged', 'provisioned', 'active', 'recovery', 'locked_out', 'password_expired']

const transitions = {
  activate: { from: ['staged', 'deactivated'], event: 'user.activated', refusal: 'user_already_active' },
  deactivate: { from: [...all, 'suspended'], event: 'user.deactivated', refusal: 'user_already_deactivated' },
  suspend: { from: ['active'], event: 'user.suspended', refusal: 'user_not_active' },
  unsuspend: { from: ['suspended'], event: 'user.unsuspended', refusal: 'user_not_suspended' },
} as const satisfies Record<string, Transition>

/**
 * Activates a user who is staged or deactivated: `active` with a password or passkey to sign in with, otherwise
 * `provisioned`, since they have yet to set one up.
 *
 * @throws {LatchkeyError} `user_not_found`, `user_already_active`
 */
export async function activateUser(tx: Transaction, change: UserChange): Promise<User> {
  const { org, userId } = change
  const hasPassword = (await findPasswordHash(tx, org, userId)) !== undefined
  const isReady = hasPassword || (await countCredentials(tx, org, userId)) > 0
  return await move(tx, change, transitions.activate, isReady ? 'active' : 'provisioned')
}

/**
 * Deactivates a user: their sessions and grants end and their password is gone, so that whoever is activated again
 * begins anew. Passkeys stay; they open nothing meanwhile.
 *
 * @throws {LatchkeyError} `user_not_found`, `user_already_deactivated`
 */
export async function deactivateUser(tx: Transaction, change: UserChange): Promise<User> {
  const { org, userId, at } = change
  const user = await move(tx, change, transitions.deactivate, 'deactivated')
  await endSessions(tx, change, 'user_deactivated')
  for (const grantId of await revokeGrantsOfUser(tx, org, userId, at)) {
    const event = { ...eventOf(change, { grantId }), userId, reason: 'user_deactivated' }
    await recordEvent(tx, org, 'grant.revoked', event)
  }
  await removePassword(tx, org, userId)
  return user
}

/**
 * Keeps an active user out until they are unsuspended: sessions end, everything else stays and works again afterwards.
 *
 * @throws {LatchkeyError} `user_not_found`, `user_not_active`
 */
export async function suspendUser(tx: Transaction, change: UserChange): Promise<User> {
  const user = await move(tx, change, transitions.suspend, 'suspended')
  await endSessions(tx, change, 'user_suspended')
  return user
}

/** Lets a suspended user in again. @throws {LatchkeyError} `user_not_found`, `user_not_suspended` */
export async function unsuspendUser(tx: Transaction, change: UserChange): Promise<User> {
  return await move(tx, change, transitions.unsuspend, 'active')
}

/**
 * Deletes a user in two steps, so that one slip of the hand can be undone: who is not deactivated yet is deactivated,
 * and only who is goes for good.
 *
 * @throws {LatchkeyError} `user_not_found`
 */
export async function deleteUserInSteps(tx: Transaction, change: UserChange): Promise<'deactivated' | 'deleted'> {
  const { org, userId } = change
  const user = await getUser(tx, org, userId)
  if (user.status !== 'deactivated') {
    await deactivateUser(tx, change)
    return 'deactivated'
  }
  await deleteUser(tx, org, userId)
  await recordEvent(tx, org, 'user.deleted', { ...eventOf(change, nameOf(user)), userId })
  return 'deleted'
}

async function move(
  tx: Transaction,
  change: UserChange,
  { from, event, refusal }: Transition,
  to: UserStatus,
): Promise<User> {
  const { org, userId, at } = change
  const user = await moveUserStatus(tx, org, userId, { from, to }, at)
  if (!user) {
    const { status } = await getUser(tx, org, userId)
    throw directoryErrors[refusal]({ audit: { event, userId, details: { status } } })
  }
  await recordEvent(tx, org, event, { ...eventOf(change, nameOf(user)), userId })
  return user
}

async function endSessions(tx: Transaction, change: UserChange, reason: string): Promise<void> {
  const { org, userId } = change
  const ended = await endSessionsOfUser(tx, org, userId)
  if (ended.length === 0) return
  await recordEvent(tx, org, 'sessions.ended', { ...eventOf(change, { sessions: ended.length }), userId, reason })
}

/** What the log shows of somebody who may be gone when it is read. */
function nameOf(user: User) {
  return { login: user.login, displayName: displayName(user) }
}
