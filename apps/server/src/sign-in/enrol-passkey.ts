import type { PublicKeyCredentialCreationOptionsJSON } from '@latchkey/webauthn'
import { z } from 'zod'
import { addPasskey } from '../directory/index.ts'
import { savePasskeySnooze } from '../records/users/index.ts'
import type { StartedCeremony } from './ceremony.ts'
import type { Attempt, Plan } from './deps.ts'
import { viewSignIn } from './dispatch.ts'
import { signInErrors } from './errors.ts'
import { refuseEnded } from './living.ts'
import { quiet } from './navigate.ts'
import { parseAnswer } from './parse.ts'
import { finishRegistration, type Registration, startRegistration } from './registration.ts'
import { requirementOf } from './requirement.ts'
import type { Subject } from './transaction.ts'

const startInput = z.object({ conditional: z.boolean().optional() })

/** Starts to create a passkey for the user who was just proven. */
export async function startEnrolment(
  attempt: Attempt,
  answer: unknown,
): Promise<StartedCeremony<PublicKeyCredentialCreationOptionsJSON>> {
  const { deps, org, transaction, at } = attempt
  const { conditional = false } = parseAnswer(startInput, answer)
  const view = await viewSignIn(deps, org, transaction)
  if (!view.steps.some(({ name }) => name === 'enrol-passkey')) throw signInErrors.step_not_open()
  await refuseEnded(deps.db, org.id, subjectOf(attempt), at)
  const { access } = await requirementOf(deps, org, transaction)
  // Beside a prompt people expect their own device; the account page asks without a preference.
  return await startRegistration(registrationOf(attempt), {
    conditional,
    hints: access.factors === 'device-bound' ? ['security-key'] : ['client-device', 'hybrid', 'security-key'],
  })
}

/** Ends the creation of a passkey and keeps it. */
export async function finishEnrolment(attempt: Attempt, answer: unknown): Promise<Plan> {
  const { deps, org, transaction, context, at } = attempt
  const registration = registrationOf(attempt)
  const { credential, isConditional } = await finishRegistration(registration, answer)
  const change = { vault: deps.vault, org, userId: registration.userId, at, context }
  return {
    state: { ...quiet(transaction.state), enrolment: 'done' },
    within: async (tx) => {
      await refuseEnded(tx, org.id, subjectOf(attempt), at)
      await addPasskey(tx, change, credential, { isAutomatic: isConditional })
    },
  }
}

/** "Not now": the person is not asked again for a while. */
export async function skipEnrolment(attempt: Attempt): Promise<Plan> {
  const { deps, org, transaction, at } = attempt
  const { steps } = await viewSignIn(deps, org, transaction)
  if (!steps.some((step) => step.name === 'enrol-passkey' && step.isSkippable)) throw signInErrors.step_not_open()
  const { userId } = registrationOf(attempt)
  const { enrolment } = await requirementOf(deps, org, transaction)
  return {
    state: { ...quiet(transaction.state), enrolment: 'skipped' },
    within: (tx) => savePasskeySnooze(tx, org.id, userId, at + enrolment.snoozeMs),
  }
}

function registrationOf(attempt: Attempt): Registration {
  const { deps, org, transaction, at } = attempt
  return { deps, org, userId: subjectOf(attempt).userId, boundTo: transaction.id, at }
}

function subjectOf({ transaction }: Attempt): Subject {
  const { subject } = transaction.state
  if (!subject) throw signInErrors.step_not_open()
  return subject
}
