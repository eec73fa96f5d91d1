import { hash } from 'node:crypto'
import type { CurrentOrg } from '../../access/index.ts'
import type { OrgId } from '../../records/orgs/index.ts'
import type { User, UserStatus } from '../../records/users/index.ts'
import { isoTime, isoTimeOrNull } from './time.ts'

/** Okta's names for what a user can be, and ours. */
export const userStatuses = {
  STAGED: 'staged',
  PROVISIONED: 'provisioned',
  ACTIVE: 'active',
  RECOVERY: 'recovery',
  LOCKED_OUT: 'locked_out',
  PASSWORD_EXPIRED: 'password_expired',
  SUSPENDED: 'suspended',
  DEPROVISIONED: 'deactivated',
} as const satisfies Record<string, UserStatus>

const statusNames = new Map(Object.entries(userStatuses).map(([name, status]) => [status, name]))

type Named = { readonly user: User; readonly passwordChangedAt: number | undefined }

/** Shows a user as one of a list: with a link to themselves alone. */
export function listedUser(org: CurrentOrg, { user, passwordChangedAt }: Named) {
  return {
    id: user.id,
    status: statusNames.get(user.status),
    created: isoTime(user.createdAt),
    activated: isoTimeOrNull(user.activatedAt),
    statusChanged: isoTime(user.statusChangedAt),
    lastLogin: isoTimeOrNull(user.lastLoginAt),
    lastUpdated: isoTime(user.updatedAt),
    passwordChanged: isoTimeOrNull(passwordChangedAt),
    type: { id: userTypeOf(org.id) },
    profile: { firstName: null, lastName: null, mobilePhone: null, secondEmail: null, ...user.profile },
    credentials: {
      ...(passwordChangedAt !== undefined && { password: {} }),
      provider: { type: 'OKTA', name: 'OKTA' },
    },
    _links: { self: { href: addressOf(org, user) } },
  }
}

/** Shows a user on their own: with links to what can be done with them now. */
export function wholeUser(org: CurrentOrg, named: Named) {
  const { user } = named
  const self = addressOf(org, user)
  const links = (doable[user.status] ?? ['deactivate']).map((verb) => [
    verb,
    { href: `${self}/lifecycle/${verb}`, method: 'POST' },
  ])
  return { ...listedUser(org, named), _links: { self: { href: self }, ...Object.fromEntries(links) } }
}

const doable: Readonly<Partial<Record<UserStatus, readonly string[]>>> = {
  staged: ['activate', 'deactivate'],
  active: ['suspend', 'deactivate'],
  suspended: ['unsuspend', 'deactivate'],
  deactivated: ['activate'],
}

function addressOf(org: CurrentOrg, { id }: User): string {
  return `${org.url}/api/v1/users/${id}`
}

/** The org's one type of user; made of the org's id, so that it is the same in every process. */
export function userTypeOf(org: OrgId): string {
  return `oty${hash('sha256', `user type ${org}`, 'base64url').replace(/[-_]/g, '').slice(0, 17)}`
}
