import type { Transaction } from '../platform/database/index.ts'
import type { RequestContext } from '../platform/http/index.ts'
import { recordEvent } from '../records/events/index.ts'
import { revokeGrantsOfSession } from '../records/grants/index.ts'
import type { OrgId } from '../records/orgs/index.ts'
import { endSession, type SessionId } from '../records/sessions/index.ts'

export type SessionEnding = { at: number; context: RequestContext; clientId?: string; cause?: 'replaced' }

/**
 * Ends a session with what its clients got for as long as it lasts, and records both. Grants for offline use go on.
 *
 * @returns false where it was over already; then nothing happens
 */
export async function endSessionWithGrants(
  tx: Transaction,
  org: OrgId,
  id: SessionId,
  { at, context, clientId, cause }: SessionEnding,
): Promise<boolean> {
  const ended = await endSession(tx, org, id)
  if (!ended) return false
  const about = { at, userId: ended.userId, context }
  for (const grantId of await revokeGrantsOfSession(tx, org, id, at))
    await recordEvent(tx, org, 'grant.revoked', { ...about, reason: 'session_ended', details: { grantId } })
  const details = { sessionId: id, ...(cause !== undefined && { cause }) }
  await recordEvent(tx, org, 'session.ended', { ...about, details, ...(clientId !== undefined && { clientId }) })
  return true
}
