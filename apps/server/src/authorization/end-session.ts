import type { Transaction } from '../platform/database/index.ts'
import type { RequestContext } from '../platform/http/index.ts'
import { recordEvent } from '../records/events/index.ts'
import type { OrgId } from '../records/orgs/index.ts'
import { endSession, type Session } from '../records/sessions/index.ts'
import { endGrantsOfSession } from './end-grant.ts'

export type SessionEnding = { at: number; context: RequestContext; clientId?: string }

/**
 * Ends a session with what its clients got for as long as it lasts, and records it.
 *
 * @returns false where it was over already; then nothing happens
 */
export async function endSessionWithGrants(
  tx: Transaction,
  org: OrgId,
  session: Pick<Session, 'id' | 'userId'>,
  { at, context, clientId }: SessionEnding,
): Promise<boolean> {
  if (!(await endSession(tx, org, session.id))) return false
  await endGrantsOfSession(tx, org, session, { at, reason: 'session_ended', context })
  const about = { at, userId: session.userId, context, details: { sessionId: session.id } }
  await recordEvent(tx, org, 'session.ended', { ...about, ...(clientId !== undefined && { clientId }) })
  return true
}
