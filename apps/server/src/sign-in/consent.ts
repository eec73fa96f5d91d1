import { z } from 'zod'
import { recordEvent } from '../records/events/index.ts'
import { saveConsent } from '../records/grants/index.ts'
import type { Attempt, Plan } from './deps.ts'
import { signInErrors } from './errors.ts'
import { refuseEnded } from './living.ts'
import { quiet } from './navigate.ts'
import { parseAnswer } from './parse.ts'

const input = z.object({ decision: z.enum(['allow', 'deny']) })

/** Takes the user's word on what the client asked for; a yes is remembered until it is revoked. */
export async function answerConsent(
  { deps: _, org, transaction, context, at }: Attempt,
  answer: unknown,
): Promise<Plan> {
  const state = quiet(transaction.state)
  const { client, scopes } = state.request
  const { subject } = state
  if (!client || !subject) throw signInErrors.step_not_open()
  const { userId } = subject
  const about = { at, userId, clientId: client.id, context, details: { scopes } }
  if (parseAnswer(input, answer).decision === 'deny')
    return {
      state: { ...state, outcome: { kind: 'denied', reason: 'consent_denied' } },
      within: (tx) => recordEvent(tx, org.id, 'consent.denied', about),
    }
  return {
    state: { ...state, allowed: scopes },
    within: async (tx) => {
      await refuseEnded(tx, org.id, subject, at)
      await saveConsent(tx, org.id, { userId, clientId: client.id, serverId: client.serverId, scopes }, at)
      await recordEvent(tx, org.id, 'consent.given', about)
    },
  }
}
