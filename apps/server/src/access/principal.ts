import type { FastifyRequest } from 'fastify'
import type { Ground } from '../platform/ground.ts'
import { findApiTokenByValue, touchApiToken } from '../records/api-tokens/index.ts'
import type { EventName } from '../records/events/index.ts'
import { findUser, listRoles, type UserId } from '../records/users/index.ts'
import { accessErrors } from './errors.ts'

/** What a principal may do, by the names that Okta's scopes have. */
export type Permission =
  | 'okta.users.read'
  | 'okta.users.manage'
  | 'okta.apps.read'
  | 'okta.apps.manage'
  | 'okta.logs.read'
  | 'okta.sessions.read'
  | 'okta.sessions.manage'

/** Whoever is calling the management API. */
export type Principal = {
  readonly kind: 'api-token'
  readonly tokenId: string
  readonly tokenName: string
  /** In whose name the token calls; null for one of the operator's. */
  readonly userId: UserId | null
  readonly isAllowed: (permission: Permission) => boolean
}

/**
 * Finds out who calls with an API token: `Authorization: SSWS …`.
 *
 * A token has the rights of its user as they are now, so that it dies with them; one of the operator's, from a
 * blueprint or the command line, has all.
 *
 * @throws {LatchkeyError} `api_token_missing`, `api_token_invalid`
 */
export async function authenticateApiToken({ db, now }: Pick<Ground, 'db' | 'now'>, request: FastifyRequest) {
  const { authorization } = request.headers
  if (authorization === undefined) throw accessErrors.api_token_missing()
  const at = now()
  const org = request.org.id
  const value = tokenIn(authorization)
  const token = value === undefined ? undefined : await findApiTokenByValue(db, org, value, at)
  if (!token) throw accessErrors.api_token_invalid({ audit: { event: refused } })
  const isAdmin = token.userId === null || (await isActiveAdmin(db, request, token.userId))
  await touchApiToken(db, org, token, at)
  const principal: Principal = {
    kind: 'api-token',
    tokenId: token.id,
    tokenName: token.name,
    userId: token.userId,
    isAllowed: () => isAdmin,
  }
  return principal
}

const refused: EventName = 'request.refused'

/** Refuses what a principal may not do. @throws {LatchkeyError} `permission_missing` */
export function refuseUnlessAllowed(principal: Principal, permission: Permission): void {
  if (principal.isAllowed(permission)) return
  const { userId, tokenId } = principal
  const details = { tokenId, permission }
  throw accessErrors.permission_missing({ audit: { event: refused, ...(userId && { userId }), details } })
}

/** RFC 9110 §11.4: the scheme in any case, then one value, of the characters that our tokens have. */
function tokenIn(authorization: string): string | undefined {
  const [scheme = '', value = '', ...rest] = authorization.split(' ')
  if (scheme.toLowerCase() !== 'ssws' || rest.length > 0) return undefined
  return value.length <= 300 && /^[\x21-\x7e]+$/.test(value) ? value : undefined
}

/** @throws {LatchkeyError} `api_token_invalid` when its user is active no more */
async function isActiveAdmin(db: Ground['db'], { org }: FastifyRequest, userId: UserId): Promise<boolean> {
  const user = await findUser(db, org.id, userId)
  if (user?.status !== 'active') throw accessErrors.api_token_invalid({ audit: { event: refused, userId } })
  return (await listRoles(db, org.id, userId)).includes('admin')
}
