import { minute } from '../platform/clock.ts'
import type { Ground } from '../platform/ground.ts'
import { removeExpiredCeremonies } from '../records/ceremonies/index.ts'
import { removeExpiredGrants } from '../records/grants/index.ts'
import { removeExpiredKeys } from '../records/keys/index.ts'
import { removeExpiredLimits } from '../records/limits/index.ts'
import { removeExpiredObservations } from '../records/observations/index.ts'
import { removeExpiredSessions } from '../records/sessions/index.ts'
import { removeExpiredTokens } from '../records/tokens/index.ts'
import { removeExpiredTransactions } from '../records/transactions/index.ts'
import type { Job } from './runner.ts'

const sweeps = [
  removeExpiredCeremonies,
  removeExpiredTransactions,
  removeExpiredSessions,
  removeExpiredTokens,
  removeExpiredGrants,
  removeExpiredLimits,
  removeExpiredObservations,
  removeExpiredKeys,
]

/** Removes what has expired, of all orgs. Nothing depends on it: whoever reads looks at the time too. */
export function removeExpired({ db, now }: Pick<Ground, 'db' | 'now'>): Job {
  return {
    name: 'remove-expired',
    everyMs: 5 * minute,
    isExclusive: true,
    async run() {
      const results = await Promise.allSettled(sweeps.map((sweep) => sweep(db, now())))
      const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
      if (failures.length > 0) throw new AggregateError(failures, 'some of what has expired could not be removed')
      return false
    },
  }
}
