import { minute } from '../platform/clock.ts'
import { newId, newSecret } from '../platform/ids.ts'
import type { Session } from '../records/sessions/index.ts'
import {
  findTransaction,
  insertTransaction,
  removeTransaction,
  type TransactionId,
} from '../records/transactions/index.ts'
import { canSignIn, findUser } from '../records/users/index.ts'
import { rememberClaim } from './claim.ts'
import type { Deps, SignInOrg } from './deps.ts'
import { viewSignIn } from './dispatch.ts'
import { signInErrors } from './errors.ts'
import type { SignInRequest } from './request.ts'
import type { Outcome, Transaction, TransactionState } from './transaction.ts'

/** How long a person may take; the page renews its passkey challenge meanwhile. */
const transactionLifetimeMs = 30 * minute

export type BeginSignIn = { request: SignInRequest; boundTo: string; session?: Session | undefined }

/**
 * Begins a sign-in in memory: nothing is kept until `keepSignIn`, because with a living session there is often
 * nothing to ask.
 */
export async function beginSignIn(deps: Deps, org: SignInOrg, input: BeginSignIn): Promise<Transaction> {
  const { request, boundTo, session } = input
  const now = deps.now()
  const directory = await deps.cache.directory(org)
  const base: TransactionState = {
    request,
    directoryId: directory.id,
    mode: request.startsAtSignUp ? 'sign-up' : 'sign-in',
    ...(session && { browserSession: session.id }),
    notices: [],
  }
  // Who asks for a new account gets the form for one, whoever is signed in.
  const vouched = session && !request.startsAtSignUp && (await vouchFor(deps, org, base, session))
  const transaction = { version: 1, boundTo, createdAt: now, expiresAt: now + transactionLifetimeMs }
  return { id: newId<TransactionId>('txn'), ...transaction, state: vouched || base }
}

/** An older session vouches for its user, unless the user may no longer sign in or another one is asked for. */
async function vouchFor(deps: Deps, org: SignInOrg, state: TransactionState, session: Session) {
  const { onlyUserId } = state.request
  if (onlyUserId !== undefined && onlyUserId !== session.userId) return undefined
  const user = await findUser(deps.db, org.id, session.userId)
  if (!user || !canSignIn(user.status)) return undefined
  const { id: sessionId, userId, authentications } = session
  return { ...state, claim: { identifier: user.login, userId }, subject: { userId, sessionId, authentications } }
}

/** Keeps a transaction and returns its handle: 256 random bits, of which only the hash is stored. */
export async function keepSignIn(deps: Deps, org: SignInOrg, transaction: Transaction): Promise<string> {
  // Never beginning with 00: the Sign-In Widget takes such a token for another product's.
  const handle = `02.${newSecret()}`
  const { id, boundTo, expiresAt, createdAt } = transaction
  const state = await rememberClaim(deps, org, transaction.state)
  await insertTransaction(deps.db, org.id, { id, handle, boundTo, state, expiresAt }, createdAt)
  return handle
}

/** Finds a transaction by its handle, for the browser that it is bound to. @throws {LatchkeyError} `transaction_expired` */
export async function loadSignIn(
  deps: Deps,
  org: SignInOrg,
  handle: string,
  boundTo: string | undefined,
): Promise<Transaction> {
  const found = boundTo ? await findTransaction<TransactionState>(deps.db, org.id, handle, deps.now()) : undefined
  if (!found || found.boundTo !== boundTo) throw signInErrors.transaction_expired()
  return found
}

/**
 * Ends a finished transaction and gives its outcome to whoever asked for the sign-in, once.
 *
 * @throws {LatchkeyError} `transaction_expired`, also for the second caller; `transaction_unfinished`
 */
export async function takeOutcome(
  deps: Deps,
  org: SignInOrg,
  handle: string,
  boundTo: string | undefined,
): Promise<{ outcome: Outcome; transaction: Transaction }> {
  const transaction = await loadSignIn(deps, org, handle, boundTo)
  // A policy may have changed since the last answer, so that nothing is asked any more.
  const { outcome } = await viewSignIn(deps, org, transaction)
  if (!outcome) throw signInErrors.transaction_unfinished()
  if (!(await removeTransaction(deps.db, org.id, transaction.id))) throw signInErrors.transaction_expired()
  return { outcome, transaction }
}
