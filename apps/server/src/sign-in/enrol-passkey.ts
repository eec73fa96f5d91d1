import {
  createRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  verifyRegistration,
} from '@latchkey/webauthn'
import { z } from 'zod'
import { addPasskey } from '../directory/index.ts'
import { type CeremonyId, takeCeremony } from '../records/ceremonies/index.ts'
import { listCredentials } from '../records/credentials/index.ts'
import { displayName, getUser, savePasskeySnooze, userHandleOf } from '../records/users/index.ts'
import { keepCeremony, type StartedCeremony } from './ceremony.ts'
import type { Attempt, Plan } from './deps.ts'
import { viewSignIn } from './dispatch.ts'
import { signInErrors } from './errors.ts'
import { quiet } from './navigate.ts'
import { parseAnswer } from './parse.ts'
import { refusedCeremony } from './passkey.ts'
import { requirementOf } from './requirement.ts'
import type { Subject } from './transaction.ts'

const startInput = z.object({ conditional: z.boolean().optional() })
const finishInput = z.object({ ceremony: z.string().max(64), response: z.unknown() })

/** Starts to create a passkey for the user who was just proven. */
export async function startEnrolment(
  attempt: Attempt,
  answer: unknown,
): Promise<StartedCeremony<PublicKeyCredentialCreationOptionsJSON>> {
  const { deps, org, transaction } = attempt
  const { conditional = false } = parseAnswer(startInput, answer)
  const view = await viewSignIn(deps, org, transaction)
  if (!view.steps.some(({ name }) => name === 'enrol-passkey')) throw signInErrors.step_not_open()
  const { userId } = subjectOf(attempt)
  const user = await getUser(deps.db, org.id, userId)
  const userHandle = userHandleOf(userId)
  const { signOn } = await requirementOf(deps, org, transaction)
  // Browsers refuse a silent creation that asks for verification.
  const userVerification = conditional ? 'preferred' : signOn.userVerification
  const ceremony = await keepCeremony(attempt, {
    purpose: 'registration',
    userId,
    userHandle,
    userVerification,
    ...(conditional && { conditional }),
  })
  const publicKey = createRegistrationOptions({
    rp: { id: ceremony.rpId, name: org.name },
    user: { id: userHandle, name: user.login, displayName: displayName(user) },
    challenge: ceremony.challenge,
    excludeCredentials: await listCredentials(deps.db, org.id, userId, ceremony.rpId),
    userVerification,
    // Beside a prompt people expect their own device; security keys are added on the account page.
    hints: ['client-device', 'hybrid', 'security-key'],
  })
  return { ceremony: ceremony.id, publicKey, expiresAt: ceremony.expiresAt }
}

/** Ends the creation of a passkey; a failed attempt still spends its challenge. */
export async function finishEnrolment(attempt: Attempt, answer: unknown): Promise<Plan> {
  const { deps, org, transaction, context, at } = attempt
  const input = parseAnswer(finishInput, answer)
  const { userId } = subjectOf(attempt)
  const ceremony = await takeCeremony(deps.db, org.id, 'registration', input.ceremony as CeremonyId, transaction.id, at)
  if (!ceremony || ceremony.userId !== userId)
    throw signInErrors.ceremony_expired({ audit: { event: 'passkey.refused', userId } })
  const { credential } = await verifyRegistration({ response: input.response, ceremony }).catch((cause: unknown) => {
    throw refusedCeremony(cause, userId)
  })
  const change = { vault: deps.vault, org, userId, at, context }
  return {
    state: { ...quiet(transaction.state), enrolment: 'done' },
    within: async (tx) => {
      await addPasskey(tx, change, credential, { isAutomatic: ceremony.conditional ?? false })
    },
  }
}

/** "Not now": the person is not asked again for a while. */
export async function skipEnrolment(attempt: Attempt): Promise<Plan> {
  const { deps, org, transaction, at } = attempt
  const { steps } = await viewSignIn(deps, org, transaction)
  if (!steps.some((step) => step.name === 'enrol-passkey' && step.isSkippable)) throw signInErrors.step_not_open()
  const { userId } = subjectOf(attempt)
  const { enrolment } = await requirementOf(deps, org, transaction)
  return {
    state: { ...quiet(transaction.state), enrolment: 'skipped' },
    within: (tx) => savePasskeySnooze(tx, org.id, userId, at + enrolment.snoozeMs),
  }
}

function subjectOf({ transaction }: Attempt): Subject {
  const { subject } = transaction.state
  if (!subject) throw signInErrors.step_not_open()
  return subject
}
