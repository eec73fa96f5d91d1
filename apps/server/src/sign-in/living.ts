import type { Reader } from '../platform/database/index.ts'
import type { OrgId } from '../records/orgs/index.ts'
import { findSession } from '../records/sessions/index.ts'
import { canSignIn, findUser } from '../records/users/index.ts'
import { signInErrors } from './errors.ts'
import type { Subject } from './transaction.ts'

/**
 * Refuses to change anything for somebody whose session was ended while their sign-in stood open, or who may not sign
 * in any more: what they proved is over, and a passkey made now would let them in again.
 *
 * @throws {LatchkeyError} `transaction_expired`
 */
export async function refuseEnded(db: Reader, org: OrgId, { userId, sessionId }: Subject, at: number): Promise<void> {
  const session = await findSession(db, org, sessionId, at)
  const user = session && (await findUser(db, org, userId))
  if (!user || !canSignIn(user.status)) throw signInErrors.transaction_expired({ audit: { userId } })
}
