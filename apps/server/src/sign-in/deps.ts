import type { Transaction as DatabaseTransaction } from '../platform/database/index.ts'
import type { Ground } from '../platform/ground.ts'
import type { RequestContext } from '../platform/http/index.ts'
import type { Directory } from '../records/directories/index.ts'
import type { Org } from '../records/orgs/index.ts'
import type { Policy } from '../records/policies/index.ts'
import type { Transaction, TransactionState } from './transaction.ts'

type OrgVersion = Pick<Org, 'id' | 'version'>

/** What the engine needs: the ground, and an org's settings as they are at this request. */
export type Deps = Ground & {
  cache: {
    directory(org: OrgVersion): Promise<Directory>
    policies(org: OrgVersion): Promise<readonly Policy[]>
  }
}

/** The org with the address of its pages. */
export type SignInOrg = Org & { url: string; rpId: string }

/** One attempt as a step sees it. */
export type Attempt = {
  deps: Deps
  org: SignInOrg
  transaction: Transaction
  context: RequestContext
  /** The time of this answer; one value for all that it writes. */
  at: number
}

/**
 * What a step decided: the state as it will be, and what goes with it into the same database transaction.
 *
 * Everything slow is done by now; `within` awaits SQL only.
 */
export type Plan = {
  state: TransactionState
  within?: (tx: DatabaseTransaction) => Promise<void>
  /** The token of a session that this answer starts or renews, for the dialect to hand to its client. */
  sessionToken?: string
}
