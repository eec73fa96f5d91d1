import type { Brand } from '../../platform/brand.ts'
import { newId } from '../../platform/ids.ts'
import type { DirectoryId } from '../directories/index.ts'

export type UserId = Brand<string, 'UserId'>

export type UserStatus =
  | 'staged'
  | 'provisioned'
  | 'active'
  | 'recovery'
  | 'locked_out'
  | 'password_expired'
  | 'suspended'
  | 'deactivated'

export type ProfileValue = string | number | boolean | null | readonly (string | number)[]

/** What is known about a person; `login` is always the user's login. */
export type Profile = {
  login: string
  email: string
  firstName?: string
  lastName?: string
  displayName?: string
  [attribute: string]: ProfileValue | undefined
}

export type User = {
  id: UserId
  directoryId: DirectoryId
  status: UserStatus
  /** As it was typed; it is compared in its normal form. */
  login: string
  profile: Profile
  createdAt: number
  activatedAt: number | null
  statusChangedAt: number
  updatedAt: number
  lastLoginAt: number | null
  /** Until then the user is not asked again to create a passkey. */
  passkeySnoozedUntil: number | null
}

export type NewUser = {
  /** Made here unless somebody else has already chosen one. */
  id?: UserId
  directoryId: DirectoryId
  status: UserStatus
  /** Its `login` becomes the user's identifier. */
  profile: Profile
}

export type UserPatch = {
  /** What is absent stays, null removes an attribute. A new `login` becomes the user's identifier. */
  profile: Readonly<Record<string, ProfileValue>>
}

export type AddressKind = 'email'

export type Address = {
  kind: AddressKind
  /** As it was typed. */
  value: string
  isPrimary: boolean
  /** When the user proved that it is theirs. */
  verifiedAt: number | null
}

export type Role = 'admin'

export function newUserId(): UserId {
  return newId('00u')
}

const mayNotSignIn: ReadonlySet<UserStatus> = new Set(['staged', 'locked_out', 'suspended', 'deactivated'])

/**
 * Tells whether a user of this status may sign in. Those who still have to finish something (`provisioned`,
 * `recovery`, `password_expired`) may begin: what they must do is the engine's next step.
 */
export function canSignIn(status: UserStatus): boolean {
  return !mayNotSignIn.has(status)
}

/** What to call a person on a page. */
export function displayName(user: Pick<User, 'login' | 'profile'>): string {
  const { displayName: chosen, firstName, lastName } = user.profile
  return chosen?.trim() || [firstName, lastName].filter(Boolean).join(' ').trim() || user.login
}

/** The WebAuthn user handle in base64url: the id itself, whose 20 characters are 15 bytes. */
export function userHandleOf(id: UserId): string {
  return id
}
