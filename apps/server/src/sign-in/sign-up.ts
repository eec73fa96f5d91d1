import { z } from 'zod'
import { isEmail } from '../records/users/index.ts'
import { countAttempt } from './attempts.ts'
import type { Attempt, Plan } from './deps.ts'
import { planCode } from './email-code.ts'
import { signInErrors } from './errors.ts'
import { parseAnswer } from './parse.ts'
import { requirementOf } from './requirement.ts'
import { proveSetup } from './sign-up-user.ts'

const name = z
  .string()
  .trim()
  .max(100)
  .optional()
  .transform((text) => text || undefined)
const input = z.object({ identifier: z.string().trim().max(254), firstName: name, lastName: name })

/** Takes a new person's address and sends a code to it. Nothing is created before the address is proven. */
export async function signUp(attempt: Attempt, answer: unknown): Promise<Plan> {
  const { deps, org, transaction } = attempt
  const { identifier: email, firstName, lastName } = parseAnswer(input, answer)
  if (!isEmail(email)) throw signInErrors.identifier_invalid()
  const { profile } = await requirementOf(deps, org, transaction)
  if (profile.signUp === 'closed' && !transaction.state.request.grantsRole) throw signInErrors.sign_up_closed()
  await countAttempt(attempt, 'sign-up', email)
  const given = { email, ...(firstName && { firstName }), ...(lastName && { lastName }) }
  if (transaction.state.request.grantsRole) return await proveSetup(attempt, given)
  const { claim: _, ...state } = transaction.state
  return await planCode(attempt, { ...state, signUp: given }, email)
}
