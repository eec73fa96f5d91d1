import type { Transaction } from '../platform/database/index.ts'
import { type ApiToken, type ApiTokenId, insertApiToken, revokeApiToken } from '../records/api-tokens/index.ts'
import { recordEvent } from '../records/events/index.ts'
import { listRoles, type UserId } from '../records/users/index.ts'
import { type Change, eventOf } from './change.ts'
import { directoryErrors } from './errors.ts'

export type NewToken = {
  readonly name: string
  /** In whose name it calls; in nobody's, with every right, where absent. */
  readonly userId?: UserId
  readonly expiresAt?: number
}

/**
 * Makes an API token. Its value is known only now.
 *
 * @throws {LatchkeyError} `token_user_not_admin`: a token has its user's rights, and would have none
 */
export async function createApiToken(
  tx: Transaction,
  change: Change,
  { name, userId, expiresAt }: NewToken,
): Promise<{ readonly apiToken: ApiToken; readonly value: string }> {
  const { org, at } = change
  if (userId !== undefined && !(await listRoles(tx, org, userId)).includes('admin'))
    throw directoryErrors.token_user_not_admin()
  const given = { name, ...(userId !== undefined && { userId }), ...(expiresAt !== undefined && { expiresAt }) }
  const made = await insertApiToken(tx, org, given, at)
  const event = eventOf(change, { tokenId: made.apiToken.id, name })
  await recordEvent(tx, org, 'api-token.created', { ...event, ...(userId !== undefined && { userId }) })
  return made
}

/** Ends an API token. @returns whether there was one */
export async function endApiToken(tx: Transaction, change: Change, id: ApiTokenId): Promise<boolean> {
  if (!(await revokeApiToken(tx, change.org, id))) return false
  await recordEvent(tx, change.org, 'api-token.revoked', eventOf(change, { tokenId: id }))
  return true
}
