import { z } from 'zod'
import { verifyPassword } from '../platform/password.ts'
import { findPasswordHash, findUser, newUserId } from '../records/users/index.ts'
import { countAttempt, forgetFailures } from './attempts.ts'
import type { Attempt, Plan } from './deps.ts'
import { signInErrors } from './errors.ts'
import { parseAnswer } from './parse.ts'
import { prove } from './prove.ts'

const input = z.object({ password: z.string().min(1).max(1024) })

/** Checks the password; as slowly for nobody as for somebody, and with the same words. */
export async function acceptPassword(attempt: Attempt, answer: unknown): Promise<Plan> {
  const { deps, org, transaction, at } = attempt
  const { password } = parseAnswer(input, answer)
  const { claim } = transaction.state
  if (!claim) throw signInErrors.step_not_open()
  await countAttempt(attempt, 'password', claim.identifier)
  // Nobody is looked up as somebody is: the number of queries tells as little as the answer.
  const userId = claim.userId ?? newUserId()
  const user = await findUser(deps.db, org.id, userId)
  const hash = await findPasswordHash(deps.db, org.id, userId)
  const isRight = await verifyPassword(hash, password)
  if (!user || !isRight)
    throw signInErrors.password_incorrect({ audit: { event: 'password.refused', ...(user && { userId: user.id }) } })
  await forgetFailures(attempt, 'password', claim.identifier)
  return await prove(attempt, { user, authentication: { method: 'password', at } })
}
