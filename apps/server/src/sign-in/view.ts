import type { UserId } from '../records/users/index.ts'
import type { Message, Outcome, Transaction } from './transaction.ts'

/** What a dialect may show of a transaction: the steps open now, in order, and how it ended when it has. */
export type View = {
  transaction: Transaction
  /** Open now; alternatives of one another, the first one preferred. Empty when there is an outcome. */
  steps: readonly Step[]
  /** Known to the person at the screen: what they typed, or whom they proved to be. */
  user?: { id?: UserId; identifier: string; displayName?: string }
  messages: readonly Message[]
  outcome?: Outcome
}

export type Step =
  | { name: 'identify'; loginHint?: string; canSignUp: boolean; passkeys: boolean }
  | { name: 'passkey' }
  | { name: 'send-code'; address: string }
  | { name: 'code'; address: string; resendAt: number; expiresAt: number }
  | { name: 'password' }
  | { name: 'sign-up'; email?: string }
  | { name: 'enrol-passkey'; isSkippable: boolean; isSignUp: boolean; triesConditional: boolean }
  | { name: 'consent'; clientName: string; scopes: readonly ConsentScope[] }

export type ConsentScope = { name: string; description?: string }

export type StepName = Step['name']
