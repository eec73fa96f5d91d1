import { listCredentials } from '../records/credentials/index.ts'
import { findPasswordHash } from '../records/users/index.ts'
import type { Attempt } from './deps.ts'
import type { Proof } from './prove.ts'
import { needsPasskey, type Requirement } from './requirement.ts'

/** Whether a passkey is to be created: asked for, asked for without a way around it, put off, or made. */
export type Enrolment = 'due' | 'forced' | 'skipped' | 'done'

/**
 * Decides after a proof whether the user is to create a passkey: they have none, and policy or app wants one, or they
 * did not say "not now" a while ago.
 */
export async function enrolmentAfter(
  attempt: Attempt,
  requirement: Requirement,
  proof: Proof,
): Promise<Enrolment | undefined> {
  const { transaction, at } = attempt
  const { enrolment: known, request } = transaction.state
  if (known === 'done' || known === 'skipped') return known
  // The first administrator always leaves with a passkey.
  if (request.grantsRole) return 'forced'
  if (!(await lacksPasskey(attempt, requirement, proof))) return undefined
  const { passkey } = requirement.enrolment
  if (passkey === 'required' || (await cannotGoOnWithout(attempt, requirement, proof))) return 'forced'
  if (passkey === 'off') return undefined
  return proof.isNew || at >= (proof.user.passkeySnoozedUntil ?? 0) ? 'due' : undefined
}

/** None at all; or, where the app wants one that stays on its device, none of that kind. */
async function lacksPasskey({ deps, org }: Attempt, { access }: Requirement, proof: Proof): Promise<boolean> {
  const wantsDeviceBound = access.factors === 'device-bound'
  if (proof.authentication.method === 'passkey' && (!wantsDeviceBound || proof.authentication.deviceBound)) return false
  if (proof.isNew) return true
  const passkeys = await listCredentials(deps.db, org.id, proof.user.id, org.rpId)
  // Whoever has a passkey proves that one before they make another: a mailbox alone must not get past it.
  if (proof.authentication.method !== 'passkey') return passkeys.length === 0
  return !passkeys.some(({ backupEligible }) => !backupEligible)
}

/** The app asks for more than was proven, and the user has nothing else to prove it with. */
async function cannotGoOnWithout(attempt: Attempt, requirement: Requirement, proof: Proof): Promise<boolean> {
  const { access, signOn } = requirement
  if (needsPasskey(requirement)) return true
  if (access.factors !== 'two') return false
  if (proof.authentication.method === 'password') return !signOn.methods.includes('email')
  const { deps, org } = attempt
  const hash = signOn.methods.includes('password') && (await findPasswordHash(deps.db, org.id, proof.user.id))
  return !hash
}
