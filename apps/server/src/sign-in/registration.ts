import {
  type Credential,
  createRegistrationOptions,
  type Hint,
  type PublicKeyCredentialCreationOptionsJSON,
  verifyRegistration,
} from '@latchkey/webauthn'
import { z } from 'zod'
import { type CeremonyId, takeCeremony } from '../records/ceremonies/index.ts'
import { listCredentials } from '../records/credentials/index.ts'
import { evaluatePolicy } from '../records/policies/index.ts'
import { displayName, getUser, type UserId, userHandleOf } from '../records/users/index.ts'
import { keepCeremony, refusedCeremony, type StartedCeremony } from './ceremony.ts'
import type { Deps, SignInOrg } from './deps.ts'
import { signInErrors } from './errors.ts'
import { parseAnswer } from './parse.ts'

const finishInput = z.object({ ceremony: z.string().max(64), response: z.unknown() })

/** Whose passkey is made, and what the ceremony is bound to: a transaction, or the session of the account page. */
export type Registration = { deps: Deps; org: SignInOrg; userId: UserId; boundTo: string; at: number }

/** Starts to create a passkey. `conditional` lets the browser do it without a dialog, where it can. */
export async function startRegistration(
  registration: Registration,
  options: { conditional?: boolean; hints?: readonly Hint[] } = {},
): Promise<StartedCeremony<PublicKeyCredentialCreationOptionsJSON>> {
  const { deps, org, userId, boundTo } = registration
  const { conditional = false, hints = [] } = options
  const user = await getUser(deps.db, org.id, userId)
  const facts = { groups: [], directoryId: user.directoryId }
  const asked = evaluatePolicy(await deps.cache.policies(org), 'sign-on', facts).userVerification
  // Browsers refuse a silent creation that asks for verification.
  const userVerification = conditional ? 'preferred' : asked
  const userHandle = userHandleOf(userId)
  const bound = { boundTo, userId, userHandle, userVerification, ...(conditional && { conditional }) }
  const ceremony = await keepCeremony(registration, { purpose: 'registration', ...bound })
  const publicKey = createRegistrationOptions({
    rp: { id: ceremony.rpId, name: org.name },
    user: { id: userHandle, name: user.login, displayName: displayName(user) },
    challenge: ceremony.challenge,
    excludeCredentials: await listCredentials(deps.db, org.id, userId, ceremony.rpId),
    userVerification,
    hints,
  })
  return { ceremony: ceremony.id, publicKey, expiresAt: ceremony.expiresAt }
}

/**
 * Ends the creation of a passkey; a failed attempt still spends its challenge. Keeping the credential is the caller's.
 *
 * @throws {LatchkeyError} `ceremony_expired`, `passkey_refused` with the reason of the check that failed
 */
export async function finishRegistration(
  { deps, org, userId, boundTo, at }: Registration,
  input: unknown,
): Promise<{ credential: Credential; isConditional: boolean }> {
  const { ceremony: id, response } = parseAnswer(finishInput, input)
  const ceremony = await takeCeremony(deps.db, org.id, 'registration', id as CeremonyId, boundTo, at)
  if (!ceremony || ceremony.userId !== userId)
    throw signInErrors.ceremony_expired({ audit: { event: 'passkey.refused', userId } })
  const { credential } = await verifyRegistration({ response, ceremony }).catch((cause: unknown) => {
    throw refusedCeremony(cause, userId)
  })
  return { credential, isConditional: ceremony.conditional ?? false }
}
