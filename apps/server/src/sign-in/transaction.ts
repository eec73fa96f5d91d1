import type { DirectoryId } from '../records/directories/index.ts'
import type { Authentication, SessionId } from '../records/sessions/index.ts'
import type { StoredTransaction } from '../records/transactions/index.ts'
import type { UserId } from '../records/users/index.ts'
import type { Enrolment } from './enrolment.ts'
import type { SignInRequest } from './request.ts'

/** One attempt to sign in, from the first page to its end. */
export type Transaction = StoredTransaction<TransactionState>

export type TransactionState = {
  request: SignInRequest
  directoryId: DirectoryId
  mode: 'sign-in' | 'sign-up'
  /** Who the person says they are; `userId` is null when nobody has the identifier, which no answer may tell. */
  claim?: Claim
  /** The method being used when it is not the first one open. */
  chosen?: Method
  emailCode?: EmailCode
  signUp?: SignUp
  /** Who the person was proven to be, and by what. */
  subject?: Subject
  /** The session that the browser has now, whoever's it is: another user's sign-in ends it. */
  browserSession?: SessionId
  enrolment?: Enrolment
  /** Scopes that the user allowed in this transaction. */
  allowed?: readonly string[]
  notices: readonly Notice[]
  outcome?: Outcome
}

export type Claim = { identifier: string; userId: UserId | null }

export type Method = 'passkey' | 'email-code' | 'password'

export type EmailCode = {
  /** Keyed digest: a leaked row does not give the code away. */
  digest: string
  /** A keyed digest as well: the address that it proves, which may be another by the time it is typed. */
  sentTo: string
  sentAt: number
  expiresAt: number
  attemptsLeft: number
}

export type SignUp = { email: string; firstName?: string; lastName?: string }

export type Subject = {
  userId: UserId
  sessionId: SessionId
  authentications: readonly Authentication[]
  /** Signed up in this very transaction. */
  isNew?: boolean
}

/** Words for the page, by their key in its messages file. */
export type Notice = { code: string; values?: Readonly<Record<string, string | number>> }

export type Outcome =
  /** Everything asked for is there. */
  | { kind: 'complete'; userId: UserId; sessionId: SessionId }
  /** The user said no or went back to the app, or a policy keeps them out of it. */
  | { kind: 'denied'; reason: 'consent_denied' | 'cancelled' | 'access_denied' | 'assurance_unreachable' }
