import { findUserByIdentifier, findVerifiedAddress, isIdentifier } from '../records/users/index.ts'
import type { Deps, SignInOrg } from './deps.ts'
import type { Claim, TransactionState } from './transaction.ts'

/**
 * Looks up whose an identifier is: somebody's login, or the address that they have proven. What it finds stays inside:
 * the steps are the same when it is nobody's, and so is the number of queries.
 */
export async function claimOf(deps: Deps, org: SignInOrg, state: TransactionState, identifier: string): Promise<Claim> {
  const user = await findUserByIdentifier(deps.db, org.id, state.directoryId, identifier)
  const owner = await findVerifiedAddress(deps.db, org.id, state.directoryId, 'email', identifier)
  return { identifier, userId: user?.id ?? owner ?? null }
}

/** Takes the identifier that the request fixes (a re-authentication knows its user) as the claim. */
export async function rememberClaim(deps: Deps, org: SignInOrg, state: TransactionState): Promise<TransactionState> {
  const { onlyUserId, loginHint } = state.request
  if (state.claim || onlyUserId === undefined || !loginHint || !isIdentifier(loginHint)) return state
  return { ...state, claim: await claimOf(deps, org, state, loginHint) }
}
