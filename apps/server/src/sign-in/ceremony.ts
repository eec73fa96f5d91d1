import { defaultAlgorithms, newChallenge } from '@latchkey/webauthn'
import { minute } from '../platform/clock.ts'
import { type CeremonyPurpose, type StoredCeremony, saveCeremony } from '../records/ceremonies/index.ts'
import type { Attempt } from './deps.ts'

/** Longer than the browser is given: a challenge must not die while its dialog is open. */
const ceremonyLifetimeMs = 6 * minute

type CeremonyInput = Pick<StoredCeremony, 'userId' | 'userHandle' | 'conditional' | 'userVerification'> & {
  purpose: CeremonyPurpose
}

/**
 * Keeps a passkey request of this transaction. The answer is verified against this row alone: RP ID, origins and
 * algorithms are those of the moment of asking.
 */
export async function keepCeremony(
  { deps, org, transaction, at }: Attempt,
  input: CeremonyInput,
): Promise<StoredCeremony> {
  const ceremony = {
    ...input,
    boundTo: transaction.id,
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
