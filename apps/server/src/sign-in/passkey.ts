import {
  type Ceremony,
  createAuthenticationOptions,
  type PublicKeyCredentialRequestOptionsJSON,
  parseAuthenticationResponse,
  type VerifiedAuthentication,
  verifyAuthentication,
} from '@latchkey/webauthn'
import { z } from 'zod'
import { type CeremonyId, type StoredCeremony, takeCeremony } from '../records/ceremonies/index.ts'
import { findCredential, listCredentials, type StoredCredential, saveUse } from '../records/credentials/index.ts'
import { recordEvent } from '../records/events/index.ts'
import { findUser, newUserId } from '../records/users/index.ts'
import { keepCeremony, refusedCeremony, type StartedCeremony } from './ceremony.ts'
import { decoyCredentials } from './decoy.ts'
import type { Attempt, Plan } from './deps.ts'
import { viewSignIn } from './dispatch.ts'
import { signInErrors } from './errors.ts'
import { parseAnswer } from './parse.ts'
import { prove } from './prove.ts'
import { requirementOf } from './requirement.ts'

const startInput = z.object({ mode: z.enum(['autofill', 'button', 'identified']) })
const finishInput = z.object({ ceremony: z.string().max(64), response: z.unknown() })

/** Starts a passkey sign-in: for whoever has a passkey here, or for the one who was named. */
export async function startPasskey(
  attempt: Attempt,
  answer: unknown,
): Promise<StartedCeremony<PublicKeyCredentialRequestOptionsJSON>> {
  const { deps, org, transaction } = attempt
  const { mode } = parseAnswer(startInput, answer)
  const view = await viewSignIn(deps, org, transaction)
  if (!view.steps.some(({ name }) => name === 'identify' || name === 'passkey')) throw signInErrors.step_not_open()
  const { signOn } = await requirementOf(deps, org, transaction)
  const { userVerification } = signOn
  const ceremony = await keepCeremony(attempt, {
    purpose: 'authentication',
    boundTo: transaction.id,
    userId: null,
    userVerification,
  })
  const allowCredentials = mode === 'identified' ? await credentialsOfClaim(attempt) : []
  const { challenge, rpId } = ceremony
  const publicKey = createAuthenticationOptions({ rpId, challenge, allowCredentials, userVerification })
  return { ceremony: ceremony.id, publicKey, expiresAt: ceremony.expiresAt }
}

/** Names the user's passkeys, or believable ones where there are none, always the same for an identifier. */
async function credentialsOfClaim({ deps, org, transaction }: Attempt) {
  const { claim, directoryId } = transaction.state
  if (!claim) return []
  const known = await listCredentials(deps.db, org.id, claim.userId ?? newUserId(), org.rpId)
  return known.length > 0 ? known : decoyCredentials(deps.vault, directoryId, claim.identifier)
}

/** Ends a passkey sign-in. The ceremony is taken first: a failed attempt still spends its challenge. */
export async function finishPasskey(attempt: Attempt, answer: unknown): Promise<Plan> {
  const { deps, org, transaction, at } = attempt
  const input = parseAnswer(finishInput, answer)
  const ceremony = await takeCeremony(
    deps.db,
    org.id,
    'authentication',
    input.ceremony as CeremonyId,
    transaction.id,
    at,
  )
  if (!ceremony) throw signInErrors.ceremony_expired({ audit: { event: 'passkey.refused' } })
  const known = await findKnown(attempt, ceremony, input.response)
  // Security keys need not tell whose a passkey is, where the person has said it and the passkey is indeed theirs.
  const isClaimed = transaction.state.claim?.userId === known.userId
  const asked = isClaimed ? { ...ceremony, userHandle: known.userHandle } : ceremony
  const verified = await verify(asked, known, input.response)
  const user = await findUser(deps.db, org.id, known.userId)
  if (!user) throw signInErrors.passkey_not_recognised()
  const authentication = {
    method: 'passkey',
    at,
    userVerified: verified.userVerified,
    deviceBound: !verified.credential.backupEligible,
  } as const
  const details = { credentialId: known.id, ...(verified.signals.length > 0 && { signals: verified.signals }) }
  return await prove(attempt, { user, authentication, details, within: (tx) => keepUse(tx, attempt, known, verified) })
}

async function findKnown(
  { deps, org }: Attempt,
  { rpId }: StoredCeremony,
  response: unknown,
): Promise<StoredCredential> {
  const { id } = refuseMalformed(() => parseAuthenticationResponse(response))
  const known = await findCredential(deps.db, org.id, rpId, id)
  if (known) return known
  // Credential ids are long and random: that one is not here tells nobody anything that could be guessed.
  throw signInErrors.passkey_not_recognised({
    details: { signal: { unknownCredential: { rpId, credentialId: id } } },
    audit: { event: 'passkey.refused', details: { credentialId: id } },
  })
}

async function verify(ceremony: Ceremony, credential: StoredCredential, response: unknown) {
  try {
    return await verifyAuthentication({ ceremony, credential, response })
  } catch (cause) {
    throw refusedCeremony(cause, credential.userId)
  }
}

function refuseMalformed<T>(parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    throw refusedCeremony(cause)
  }
}

async function keepUse(
  tx: Parameters<typeof saveUse>[0],
  { org, context, at }: Attempt,
  known: StoredCredential,
  { credential, signals }: VerifiedAuthentication,
): Promise<void> {
  await saveUse(tx, org.id, { ...known, ...credential }, { at, userAgent: context.userAgent ?? null })
  if (signals.includes('counter_regressed'))
    await recordEvent(tx, org.id, 'passkey.count-decreased', {
      at,
      userId: known.userId,
      context,
      details: { credentialId: known.id, kept: known.signCount, given: credential.signCount },
    })
}
