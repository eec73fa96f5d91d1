import type { DirectoryId } from '../directories/index.ts'
import type { OrgId } from '../orgs/index.ts'
import type { Profile, User, UserId, UserStatus } from './user.ts'

// Not named `user`, which is a word of SQL's own.
export type PersonTable = {
  org_id: OrgId
  id: UserId
  directory_id: DirectoryId
  status: UserStatus
  login: string
  profile: Profile
  created_at: number
  activated_at: number | null
  status_changed_at: number
  updated_at: number
  last_login_at: number | null
  passkey_snoozed_until: number | null
}

export function toUser(row: PersonTable): User {
  return {
    id: row.id,
    directoryId: row.directory_id,
    status: row.status,
    login: row.login,
    profile: row.profile,
    createdAt: row.created_at,
    activatedAt: row.activated_at,
    statusChangedAt: row.status_changed_at,
    updatedAt: row.updated_at,
    lastLoginAt: row.last_login_at,
    passkeySnoozedUntil: row.passkey_snoozed_until,
  }
}
