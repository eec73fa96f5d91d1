import { signalAllAcceptedCredentials, signalCurrentUserDetails, signalUnknownCredential } from '@latchkey/browser'
import type { Signals } from '../script-data.ts'

/** Providers answer at once or not at all; nobody waits longer than this for their housekeeping. */
const PATIENCE_MS = 400

/** Tells the person's passkey provider what the server knows, where the browser can. */
export async function tell(signals: Signals | undefined): Promise<void> {
  if (!signals) return
  const { unknownCredential, allAcceptedCredentials, currentUserDetails } = signals
  const told = Promise.all([
    unknownCredential && signalUnknownCredential(unknownCredential),
    allAcceptedCredentials && signalAllAcceptedCredentials(allAcceptedCredentials),
    currentUserDetails && signalCurrentUserDetails(currentUserDetails),
  ])
  await Promise.race([told, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))])
}
