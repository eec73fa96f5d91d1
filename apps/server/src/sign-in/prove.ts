import { endSessionWithGrants } from '../directory/index.ts'
import type { Transaction as DatabaseTransaction } from '../platform/database/index.ts'
import { newId, newSecret } from '../platform/ids.ts'
import { recordEvent } from '../records/events/index.ts'
import {
  type Authentication,
  findSession,
  mergeAuthentications,
  renewSession,
  type SessionId,
  startSession,
} from '../records/sessions/index.ts'
import { canSignIn, saveLastLogin, type User } from '../records/users/index.ts'
import type { Attempt, Plan } from './deps.ts'
import { enrolmentAfter } from './enrolment.ts'
import { signInErrors } from './errors.ts'
import { quiet } from './navigate.ts'
import { isSatisfied, type Requirement, requirementOf } from './requirement.ts'
import type { Notice, Subject, TransactionState } from './transaction.ts'

export type Proof = {
  user: Pick<User, 'id' | 'login' | 'status' | 'passkeySnoozedUntil'>
  authentication: Authentication
  /** What the audit adds, such as the credential that was used. */
  details?: Readonly<Record<string, unknown>>
  isNew?: boolean
  /** What else belongs into the same database transaction, before the session. */
  within?: (tx: DatabaseTransaction) => Promise<void>
}

/**
 * Takes a proof of who the user is: the one place where a session starts, gains a proof, or gives way to another
 * user's. Its token changes every time, so that one planted beforehand is worth nothing (session fixation).
 */
export async function prove(attempt: Attempt, proof: Proof): Promise<Plan> {
  const { deps, org, transaction, at } = attempt
  const { user } = proof
  refuseUser(transaction.state, proof)
  const claimed: TransactionState = { ...quiet(transaction.state), claim: { identifier: user.login, userId: user.id } }
  const requirement = await requirementOf(deps, org, { ...transaction, state: claimed })
  const sessionToken = newSecret()
  const subject = subjectAfter(await livingSubject(attempt), proof)
  const enrolment = await enrolmentAfter(attempt, requirement, proof)
  const { emailCode: _answered, ...state } = claimed
  return {
    state: {
      ...state,
      subject,
      browserSession: subject.sessionId,
      notices: noticesOf(requirement, subject),
      ...(enrolment && { enrolment }),
    },
    sessionToken,
    within: async (tx) => {
      await proof.within?.(tx)
      await openSession(attempt, tx, { proof, subject, requirement, token: sessionToken })
      await saveLastLogin(tx, org.id, user.id, at)
    },
  }
}

/** Says why one more step is open, where the person could not know. */
function noticesOf(requirement: Requirement, { authentications }: Subject): readonly Notice[] {
  const isTold = requirement.access.factors === 'device-bound' && !isSatisfied(requirement, authentications)
  return isTold ? [{ code: 'device_bound_required' }] : []
}

function refuseUser({ request }: TransactionState, { user }: Proof): void {
  const audit = { userId: user.id }
  if (!canSignIn(user.status)) throw signInErrors.user_not_allowed({ audit })
  if (request.onlyUserId !== undefined && request.onlyUserId !== user.id) throw signInErrors.wrong_user({ audit })
}

/** What was proven before counts as long as its session lives: it may have ended while the page was open. */
async function livingSubject({ deps, org, transaction, at }: Attempt): Promise<Subject | undefined> {
  const { subject } = transaction.state
  return subject && (await findSession(deps.db, org.id, subject.sessionId, at)) ? subject : undefined
}

function subjectAfter(earlier: Subject | undefined, { user, authentication, isNew }: Proof): Subject {
  const same = earlier?.userId === user.id ? earlier : undefined
  return {
    userId: user.id,
    sessionId: same?.sessionId ?? newId<SessionId>('102'),
    authentications: mergeAuthentications(same?.authentications ?? [], [authentication]),
    ...((isNew || same?.isNew) && { isNew: true }),
  }
}

type Opening = { proof: Proof; subject: Subject; requirement: Requirement; token: string }

async function openSession(attempt: Attempt, tx: DatabaseTransaction, opening: Opening): Promise<void> {
  const { org, transaction, context, at } = attempt
  const { proof, subject, requirement, token } = opening
  const earlier = transaction.state.browserSession
  const isRenewed = earlier === subject.sessionId
  if (isRenewed) {
    await renewSession(tx, org.id, subject.sessionId, { authentications: [proof.authentication], token }, at)
  } else {
    if (earlier) await replaceSession(attempt, tx, earlier)
    const { ip, userAgent = null } = context
    const { sessionId: id, userId, authentications } = subject
    const session = { id, token, userId, authentications, context: { ip, userAgent }, lifetimes: requirement.signOn }
    await startSession(tx, org.id, session, at)
  }
  const { method, userVerified } = proof.authentication
  await recordEvent(tx, org.id, isRenewed ? 'session.strengthened' : 'session.started', {
    at,
    userId: subject.userId,
    ...(transaction.state.request.client && { clientId: transaction.state.request.client.id }),
    context,
    details: {
      method,
      sessionId: subject.sessionId,
      transactionId: transaction.id,
      ...(userVerified !== undefined && { userVerified }),
      ...proof.details,
    },
  })
}

/** A browser has one session: whoever signs in ends the one before, with what its clients got for as long as it lasts. */
async function replaceSession({ org, context, at }: Attempt, tx: DatabaseTransaction, id: SessionId): Promise<void> {
  await endSessionWithGrants(tx, org.id, id, { at, context, cause: 'replaced' })
}
