import { inTransaction } from '../platform/database/index.ts'
import type { RequestContext } from '../platform/http/index.ts'
import { saveTransaction } from '../records/transactions/index.ts'
import { answerConsent } from './consent.ts'
import type { Attempt, Deps, Plan, SignInOrg } from './deps.ts'
import { viewSignIn } from './dispatch.ts'
import { acceptCode, sendCode } from './email-code.ts'
import { finishEnrolment, skipEnrolment } from './enrol-passkey.ts'
import { signInErrors } from './errors.ts'
import { identify } from './identify.ts'
import { cancel, restart, select, switchMode } from './navigate.ts'
import { finishPasskey } from './passkey.ts'
import { acceptPassword } from './password.ts'
import { signUp } from './sign-up.ts'
import type { Transaction } from './transaction.ts'
import type { StepName } from './view.ts'

type StepAnswer = {
  /** Steps of the view that make this answer possible; any step where it is empty. */
  open: readonly StepName[]
  plan: (attempt: Attempt, input: unknown) => Promise<Plan>
}

/** What can be answered, and when. Each plan parses its own input; none calls another. */
const answers = {
  identify: { open: ['identify'], plan: identify },
  passkey: { open: ['identify', 'passkey'], plan: finishPasskey },
  'send-code': { open: ['send-code', 'code'], plan: sendCode },
  code: { open: ['code'], plan: acceptCode },
  password: { open: ['password'], plan: acceptPassword },
  'sign-up': { open: ['sign-up'], plan: signUp },
  'enrol-passkey': { open: ['enrol-passkey'], plan: finishEnrolment },
  skip: { open: ['enrol-passkey'], plan: skipEnrolment },
  consent: { open: ['consent'], plan: answerConsent },
  select: { open: ['passkey', 'send-code', 'code', 'password'], plan: select },
  switch: { open: ['identify', 'sign-up', 'code', 'send-code', 'passkey', 'password'], plan: switchMode },
  restart: { open: [], plan: restart },
  cancel: { open: [], plan: cancel },
} as const satisfies Record<string, StepAnswer>

export type AnswerName = keyof typeof answers

export const answerNames: readonly string[] = Object.keys(answers)

export function isAnswerName(name: string): name is AnswerName {
  return Object.hasOwn(answers, name)
}

export type SignInAnswer = {
  transaction: Transaction
  /** The version that the person saw; an older one means that another tab went on. Absent: the newest. */
  version?: number | undefined
  step: AnswerName
  input: unknown
  context: RequestContext
}

export type Answered = {
  transaction: Transaction
  /** The token of a session that this answer started or renewed. */
  sessionToken?: string
}

/**
 * Answers one step and moves the transaction by compare-and-set: of answers at the same time, one counts.
 *
 * @throws {LatchkeyError} `step_not_open`, `transaction_changed`, and what the step itself refuses
 */
export async function answerSignIn(deps: Deps, org: SignInOrg, input: SignInAnswer): Promise<Answered> {
  const { transaction, step, context } = input
  if (input.version !== undefined && input.version !== transaction.version) throw signInErrors.transaction_changed()
  await refuseClosedStep(deps, org, transaction, step)
  const attempt: Attempt = { deps, org, transaction, context, at: deps.now() }
  const plan = await answers[step].plan(attempt, input.input)
  const settled = await settle(deps, org, { ...transaction, state: plan.state })
  await inTransaction(deps.db, async (tx) => {
    await plan.within?.(tx)
    const isSaved = await saveTransaction(tx, org.id, transaction.id, transaction.version, { state: settled.state })
    if (!isSaved) throw signInErrors.transaction_changed()
  })
  const moved = { ...settled, version: transaction.version + 1 }
  return plan.sessionToken === undefined
    ? { transaction: moved }
    : { transaction: moved, sessionToken: plan.sessionToken }
}

async function refuseClosedStep(deps: Deps, org: SignInOrg, transaction: Transaction, step: AnswerName): Promise<void> {
  const { open }: { open: readonly StepName[] } = answers[step]
  const view = await viewSignIn(deps, org, transaction)
  if (view.outcome) throw signInErrors.step_not_open()
  if (open.length > 0 && !view.steps.some(({ name }) => open.includes(name))) throw signInErrors.step_not_open()
}

/** Writes the outcome into the state as soon as no step is open, so that it is decided once. */
async function settle(deps: Deps, org: SignInOrg, transaction: Transaction): Promise<Transaction> {
  const { outcome } = await viewSignIn(deps, org, transaction)
  return outcome ? { ...transaction, state: { ...transaction.state, outcome } } : transaction
}
