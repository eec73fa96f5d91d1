import type { CurrentOrg } from '../../access/index.ts'
import { type Authentication, amrOf, type Session } from '../../records/sessions/index.ts'
import type { User } from '../../records/users/index.ts'
import { isoTime, isoTimeOrNull } from './time.ts'

/** Shows a session as Okta does; `self` is how it was asked for: by its id, or as `me`. */
export function sessionOf(org: CurrentOrg, session: Session, user: User, self: string) {
  const latest = (isKind: (one: Authentication) => boolean) => session.authentications.findLast(isKind)?.at
  const amr = amrOf(session.authentications)
  return {
    id: session.id,
    userId: user.id,
    login: user.login,
    createdAt: isoTime(session.createdAt),
    expiresAt: isoTime(session.idleExpiresAt),
    status: 'ACTIVE',
    lastPasswordVerification: isoTimeOrNull(latest(({ method }) => method === 'password')),
    lastFactorVerification: isoTimeOrNull(latest(({ method }) => method !== 'password')),
    amr,
    idp: { id: org.id, type: 'OKTA' },
    mfaActive: amr.includes('mfa'),
    _links: {
      self: { href: `${org.url}/api/v1/sessions/${self}`, hints: { allow: ['GET', 'DELETE'] } },
      refresh: { href: `${org.url}/api/v1/sessions/${self}/lifecycle/refresh`, hints: { allow: ['POST'] } },
      user: { name: user.login, href: `${org.url}/api/v1/users/${user.id}`, hints: { allow: ['GET'] } },
    },
  }
}
