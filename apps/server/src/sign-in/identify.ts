import { z } from 'zod'
import { isIdentifier } from '../records/users/index.ts'
import { claimOf } from './claim.ts'
import type { Attempt, Plan } from './deps.ts'
import { signInErrors } from './errors.ts'
import { quiet } from './navigate.ts'
import { parseAnswer } from './parse.ts'

const input = z.object({ identifier: z.string().max(512) })

/** Takes note of who the person says they are. Whether anybody has the identifier makes no difference to be seen. */
export async function identify({ deps, org, transaction }: Attempt, answer: unknown): Promise<Plan> {
  const identifier = parseAnswer(input, answer).identifier.trim()
  if (!isIdentifier(identifier)) throw signInErrors.identifier_invalid()
  const { subject: _earlier, emailCode: _code, chosen: _chosen, ...state } = quiet(transaction.state)
  return { state: { ...state, claim: await claimOf(deps, org, state, identifier) } }
}
