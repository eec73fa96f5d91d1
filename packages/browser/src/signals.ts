/**
 * Telling passkey providers what the server knows, so that people are not offered passkeys that open nothing.
 * Progressive enhancement: false where the browser cannot, never an error.
 */
import { type BrowserEnvironment, currentEnvironment } from './environment.ts'

/** A credential that the server does not hold. */
export type UnknownCredential = { readonly rpId: string; readonly credentialId: string }
/** Every credential that the server holds for the user under this RP ID: the whole list or none of it. */
export type AcceptedCredentials = {
  readonly rpId: string
  readonly userId: string
  readonly allAcceptedCredentialIds: readonly string[]
}
/** The names that providers show beside the passkey. `userId` is the user handle. */
export type CurrentUserDetails = {
  readonly rpId: string
  readonly userId: string
  readonly name: string
  readonly displayName: string
}

/** Call when an assertion named a credential that the server does not know, or a creation was refused. */
export function signalUnknownCredential(
  details: UnknownCredential,
  environment: BrowserEnvironment = currentEnvironment(),
): Promise<boolean> {
  return send(environment, (api) => api.signalUnknownCredential?.({ ...details }))
}

/** Call after sign-in, after adding and removing, and on the settings page. A partial list hides passkeys. */
export function signalAllAcceptedCredentials(
  details: AcceptedCredentials,
  environment: BrowserEnvironment = currentEnvironment(),
): Promise<boolean> {
  const allAcceptedCredentialIds = [...details.allAcceptedCredentialIds]
  return send(environment, (api) => api.signalAllAcceptedCredentials?.({ ...details, allAcceptedCredentialIds }))
}

/** Call after sign-in and when a name or address has changed. */
export function signalCurrentUserDetails(
  details: CurrentUserDetails,
  environment: BrowserEnvironment = currentEnvironment(),
): Promise<boolean> {
  return send(environment, (api) => api.signalCurrentUserDetails?.({ ...details }))
}

type Api = NonNullable<BrowserEnvironment['publicKeyCredential']>

async function send({ publicKeyCredential }: BrowserEnvironment, call: (api: Api) => Promise<void> | undefined) {
  if (!publicKeyCredential) return false
  try {
    const sent = call(publicKeyCredential)
    if (!sent) return false
    await sent
    return true
  } catch {
    return false
  }
}
