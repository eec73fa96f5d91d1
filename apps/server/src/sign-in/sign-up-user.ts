import { createUser } from '../directory/index.ts'
import type { Transaction } from '../platform/database/index.ts'
import { countCredentials } from '../records/credentials/index.ts'
import { recordEvent } from '../records/events/index.ts'
import { type OrgId, touchOrg } from '../records/orgs/index.ts'
import type { FirstFactor } from '../records/policies/index.ts'
import type { Authentication } from '../records/sessions/index.ts'
import {
  findPasswordHash,
  findUser,
  findUserByIdentifier,
  findVerifiedAddress,
  hasUserWithRole,
  listAddresses,
  newUserId,
  normaliseEmail,
  type User,
  verifyAddress,
} from '../records/users/index.ts'
import type { Attempt, Plan } from './deps.ts'
import { signInErrors } from './errors.ts'
import { quiet } from './navigate.ts'
import { prove } from './prove.ts'
import { requirementOf } from './requirement.ts'
import type { SignUp, TransactionState } from './transaction.ts'

/**
 * Ends the proof of a new person's address: the user is created, or signed in where they turn out to be known.
 *
 * Whoever reads the mailbox could sign in with a code anyway where codes are taken, so nothing is given away, and an address that is already
 * known is never said to be taken.
 */
export async function proveSignUp(attempt: Attempt, signUp: SignUp): Promise<Plan> {
  const known = await findKnownUser(attempt, signUp.email)
  return known ? await welcomeBack(attempt, known, signUp) : await welcome(attempt, signUp)
}

async function findKnownUser({ deps, org, transaction }: Attempt, email: string): Promise<User | undefined> {
  const { directoryId } = transaction.state
  const owner = await findVerifiedAddress(deps.db, org.id, directoryId, 'email', email)
  if (owner) return await findUser(deps.db, org.id, owner)
  const named = await findUserByIdentifier(deps.db, org.id, directoryId, email)
  // A login that reads like an address is no address: only who has it as one may be signed in by its mailbox.
  const addresses = named ? await listAddresses(deps.db, org.id, named.id) : []
  return addresses.some(({ value }) => normaliseEmail(value) === normaliseEmail(email)) ? named : undefined
}

async function welcomeBack(attempt: Attempt, user: User, { email }: SignUp): Promise<Plan> {
  const { deps, org, transaction, context, at } = attempt
  const within = async (tx: Transaction) => {
    await verifyAddress(tx, org.id, user.id, 'email', email, at)
    await recordEvent(tx, org.id, 'email-code.accepted', { at, userId: user.id, context })
  }
  const state = signingIn(transaction.state, user)
  const { signOn } = await requirementOf(deps, org, { ...transaction, state })
  // Where their policy takes no codes, the mailbox alone does not sign them in: they go on as they always do. Who left
  // before they had anything to go on with takes the sign-up up again.
  if (!signOn.methods.includes('email') && (await hasOwnWay(attempt, user, signOn.methods))) return { state, within }
  return await prove(attempt, { user, authentication: { method: 'email-code', at }, within })
}

async function hasOwnWay({ deps, org }: Attempt, { id }: User, methods: readonly FirstFactor[]): Promise<boolean> {
  if (methods.includes('passkey') && (await countCredentials(deps.db, org.id, id, org.rpId)) > 0) return true
  return methods.includes('password') && (await findPasswordHash(deps.db, org.id, id)) !== undefined
}

/** The same attempt, of somebody who has an account. */
function signingIn(earlier: TransactionState, user: User): TransactionState {
  const { emailCode: _code, signUp: _signUp, chosen: _chosen, ...state } = quiet(earlier)
  return { ...state, mode: 'sign-in', claim: { identifier: user.login, userId: user.id } }
}

/** Creates the first administrator: whoever holds the printed set-up code is believed about their address. */
export async function proveSetup(attempt: Attempt, signUp: SignUp): Promise<Plan> {
  return await welcome(attempt, signUp, 'setup-code')
}

/** The code opens the form for half an hour: of those who fill it in, one becomes the administrator. */
async function refuseSecondAdmin(tx: Transaction, org: OrgId): Promise<void> {
  // Holds the org's row, so that of two at the same time the second sees what the first has made.
  await touchOrg(tx, org)
  if (await hasUserWithRole(tx, org, 'admin')) throw signInErrors.setup_done()
}

async function welcome(
  attempt: Attempt,
  { email, firstName, lastName }: SignUp,
  method: Authentication['method'] = 'email-code',
): Promise<Plan> {
  const { org, transaction, context, at } = attempt
  const { directoryId, request } = transaction.state
  const user = { id: newUserId(), login: email, status: 'active', passkeySnoozedUntil: null } as const
  const profile = { login: email, email, ...(firstName && { firstName }), ...(lastName && { lastName }) }
  return await prove(attempt, {
    user,
    isNew: true,
    authentication: { method, at },
    within: async (tx) => {
      const { grantsRole: role } = request
      if (role) await refuseSecondAdmin(tx, org.id)
      const created = { id: user.id, directoryId, status: user.status, profile, isEmailVerified: true, context }
      await createUser(tx, org.id, { ...created, ...(role && { role }) }, at)
    },
  })
}
