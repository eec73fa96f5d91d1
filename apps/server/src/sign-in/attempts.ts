import { networkOf } from '../platform/addresses.ts'
import { minute } from '../platform/clock.ts'
import { type AttemptKey, forgetAttempts, takeAttempts } from '../records/limits/index.ts'
import { normaliseTyped } from '../records/users/index.ts'
import type { Attempt } from './deps.ts'
import { signInErrors } from './errors.ts'

export type LimitedAction = 'password' | 'code' | 'send-code' | 'sign-up'

const windowMs = 15 * minute

/**
 * How often an action may be tried in 15 minutes, by the peer's network, by identifier and in the whole org.
 *
 * Passkeys are not limited by identifier: nobody can lock a victim out of them.
 */
const limits: Readonly<Record<LimitedAction, { ip: number; identifier: number; org: number }>> = {
  password: { ip: 50, identifier: 10, org: 20_000 },
  code: { ip: 100, identifier: 20, org: 20_000 },
  'send-code': { ip: 40, identifier: 6, org: 10_000 },
  'sign-up': { ip: 40, identifier: 6, org: 10_000 },
}

/** Counts an attempt before it is looked at. @throws {LatchkeyError} `too_many_attempts` with `retryAfter` in seconds */
export async function countAttempt(attempt: Attempt, action: LimitedAction, identifier: string): Promise<void> {
  const { deps, org, context, at } = attempt
  const { ip, identifier: perIdentifier, org: perOrg } = limits[action]
  const keys: readonly AttemptKey[] = [
    { key: `${action}:ip:${networkOf(context.ip)}`, limit: ip, windowMs },
    { key: identifierKey(attempt, action, identifier), limit: perIdentifier, windowMs },
    { key: `${action}:org`, limit: perOrg, windowMs },
  ]
  const outcome = await takeAttempts(deps.db, org.id, keys, at)
  if (outcome.allowed) return
  throw signInErrors.too_many_attempts({
    details: { retryAfter: Math.ceil(outcome.retryAfterMs / 1000) },
    audit: { event: 'limit.reached', details: { action } },
  })
}

/** Forgets an identifier's failed attempts after one that turned out well. */
export async function forgetFailures(attempt: Attempt, action: LimitedAction, identifier: string): Promise<void> {
  await forgetAttempts(attempt.deps.db, attempt.org.id, [identifierKey(attempt, action, identifier)])
}

/** A keyed digest: the table of limits must not become a list of who has an account. */
function identifierKey({ deps, transaction }: Attempt, action: LimitedAction, identifier: string): string {
  const normal = normaliseTyped(identifier)
  return `${action}:identifier:${deps.vault.digest('limit', `${transaction.state.directoryId}\0${normal}`)}`
}
