import type { Notice, Outcome, Transaction } from './transaction.ts'

/** What a dialect may show of a transaction: the steps open now, in order, and how it ended when it has. */
export type View = {
  transaction: Transaction
  /** Open now; alternatives of one another, the first one preferred. Empty when there is an outcome. */
  steps: readonly Step[]
  /** What the person at the screen may be called: what they typed, or who they proved to be. */
  user?: { identifier: string; displayName?: string }
  notices: readonly Notice[]
  outcome?: Outcome
}

export type Step =
  | { name: 'identify'; loginHint?: string; canSignUp: boolean; hasPasskeys: boolean }
  | { name: 'passkey' }
  | { name: 'send-code' }
  | { name: 'code'; sentAt: number; resendAt: number; expiresAt: number }
  | { name: 'password' }
  | { name: 'sign-up'; email?: string }
  | { name: 'enrol-passkey'; isSkippable: boolean; isNewUser: boolean }
  | { name: 'consent'; clientName: string; scopes: readonly string[] }

export type StepName = Step['name']
