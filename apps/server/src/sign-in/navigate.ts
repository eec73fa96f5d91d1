import { z } from 'zod'
import type { Attempt, Plan } from './deps.ts'
import { parseAnswer } from './parse.ts'
import type { TransactionState } from './transaction.ts'

const selectInput = z.object({ method: z.enum(['passkey', 'email-code', 'password']) })
const switchInput = z.object({ to: z.enum(['sign-in', 'sign-up']) })

/** Puts another method first. */
export async function select({ transaction }: Attempt, input: unknown): Promise<Plan> {
  const { method } = parseAnswer(selectInput, input)
  return { state: { ...quiet(transaction.state), chosen: method } }
}

/** Goes from signing in to creating an account, or back; what was typed comes along. */
export async function switchMode({ transaction }: Attempt, input: unknown): Promise<Plan> {
  const { to } = parseAnswer(switchInput, input)
  const { emailCode: _code, signUp: _signUp, chosen: _chosen, ...state } = quiet(transaction.state)
  return { state: { ...state, mode: to } }
}

/** Forgets who the person said they are: they want to use another account. */
export async function restart({ transaction }: Attempt): Promise<Plan> {
  const { request, directoryId, mode, browserSession } = transaction.state
  const { loginHint: _, ...rest } = request
  return { state: { request: rest, directoryId, mode, ...(browserSession && { browserSession }), notices: [] } }
}

/** Goes back to the app without signing in. */
export async function cancel({ transaction }: Attempt): Promise<Plan> {
  return { state: { ...quiet(transaction.state), outcome: { kind: 'denied', reason: 'cancelled' } } }
}

/** Clears notices: they belong to the answer before. */
export function quiet(state: TransactionState): TransactionState {
  return { ...state, notices: [] }
}
