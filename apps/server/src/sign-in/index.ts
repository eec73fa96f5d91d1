/**
 * Signing in: one engine that knows the steps and no wire format. Who is it, prove it, what is still missing, what to
 * offer. `viewSignIn` tells the steps that are open, `answerSignIn` moves on; every dialect only translates the two.
 *
 * Owns: the transaction's state, the order of steps, ceremonies of signing in and enrolling, attempt limits, and the
 * moment at which a session starts.
 * Does not own: HTTP, HTML, cookies, tokens; what can happen to a user (`directory`); how a session is kept.
 */
export { type Answered, type AnswerName, answerNames, answerSignIn, isAnswerName, type SignInAnswer } from './answer.ts'
export { type BeginSignIn, beginSignIn, keepSignIn, loadSignIn, takeOutcome } from './begin.ts'
export type { StartedCeremony } from './ceremony.ts'
export type { Deps, SignInOrg } from './deps.ts'
export { viewSignIn } from './dispatch.ts'
export { startEnrolment } from './enrol-passkey.ts'
export { signInErrors } from './errors.ts'
export { startPasskey } from './passkey.ts'
export { finishRegistration, type Registration, startRegistration } from './registration.ts'
export type { SignInRequest } from './request.ts'
export type { Notice, Outcome, Transaction, TransactionState } from './transaction.ts'
export type { Step, StepName, View } from './view.ts'
