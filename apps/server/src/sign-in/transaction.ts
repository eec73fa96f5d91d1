import type { DirectoryId } from '../records/directories/index.ts'
import type { Authentication, SessionId } from '../records/sessions/index.ts'
import type { TransactionId } from '../records/transactions/index.ts'
import type { UserId } from '../records/users/index.ts'
import type { SignInRequest } from './request.ts'

/** One attempt to sign in, from the first page to its end. */
export type Transaction = {
  id: TransactionId
  version: number
  /** What the transaction is bound to (a browser's cookie, a process …): whoever cannot show it has no handle. */
  boundTo: string
  createdAt: number
  expiresAt: number
  state: TransactionState
}

export type TransactionState = {
  request: SignInRequest
  directoryId: DirectoryId
  mode: 'sign-in' | 'sign-up'
  /** As typed; shown back, never trusted. */
  identifier?: string
  /** Whose the identifier is; `null` when it is nobody's, which no answer may tell. */
  userId?: UserId | null
  /** The method being used when it is not the first one open. */
  chosen?: Method
  emailCode?: EmailCode
  signUp?: SignUp
  /** Proofs given in this transaction. */
  proven: readonly Authentication[]
  /** The session that vouches for the user: an older one, or the one that this transaction started. */
  sessionId?: SessionId
  enrolment?: 'due' | 'skipped' | 'done'
  /** Scopes that the user allowed here. */
  allowed?: readonly string[]
  messages: readonly Message[]
  outcome?: Outcome
}

export type Method = 'passkey' | 'email-code' | 'password'

export type EmailCode = {
  /** Keyed digest: a leaked row does not give the code away. */
  digest: string
  address: string
  sentAt: number
  expiresAt: number
  attemptsLeft: number
}

export type SignUp = { email: string; firstName?: string; lastName?: string; isProven: boolean }

/** Words for the page, by their key in its messages file. */
export type Message = { level: 'info' | 'error'; code: string; values?: Readonly<Record<string, string | number>> }

export type Outcome =
  /** Everything asked for is there. */
  | { kind: 'complete'; userId: UserId; sessionId: SessionId }
  /** The user said no, or went back to the app. */
  | { kind: 'denied'; reason: 'consent_denied' | 'cancelled' }
