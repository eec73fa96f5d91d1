import { CeremonyError, defaultAlgorithms, newChallenge } from '@latchkey/webauthn'
import { minute } from '../platform/clock.ts'
import { type CeremonyPurpose, type StoredCeremony, saveCeremony } from '../records/ceremonies/index.ts'
import type { Deps, SignInOrg } from './deps.ts'
import { signInErrors } from './errors.ts'

/** Longer than the browser is given: a challenge must not die while its dialog is open. */
const ceremonyLifetimeMs = 6 * minute

type CeremonyInput = Pick<StoredCeremony, 'boundTo' | 'userId' | 'userHandle' | 'conditional' | 'userVerification'> & {
  purpose: CeremonyPurpose
}

/**
 * Keeps a passkey request. The answer is verified against this row alone: RP ID, origins and algorithms are those of
 * the moment of asking.
 */
export async function keepCeremony(
  { deps, org, at }: { deps: Deps; org: SignInOrg; at: number },
  input: CeremonyInput,
): Promise<StoredCeremony> {
  const ceremony = {
    ...input,
    challenge: newChallenge(),
    rpId: org.rpId,
    origins: [org.url],
    algorithms: defaultAlgorithms,
    expiresAt: at + ceremonyLifetimeMs,
  }
  return await saveCeremony(deps.db, org.id, ceremony, at)
}

/** A request for the browser. */
export type StartedCeremony<Options> = { ceremony: string; publicKey: Options; expiresAt: number }

/** The reason goes to the audit and to whoever debugs; the words to the person stay the same. */
export function refusedCeremony(cause: unknown, userId?: string): unknown {
  if (!(cause instanceof CeremonyError)) return cause
  const reason = cause.code
  return signInErrors.passkey_refused({
    cause,
    details: { reason },
    audit: { event: 'passkey.refused', ...(userId && { userId }), details: { reason } },
  })
}
