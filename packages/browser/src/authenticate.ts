import { type Attempt, type CeremonyFailure, failure } from './codes.ts'
import { type BrowserEnvironment, currentEnvironment } from './environment.ts'
import { assertionToJSON, readRequestOptions } from './json.ts'
import { runAutofill, runDialog } from './one-at-a-time.ts'

/** What `authenticate` takes. */
export type Authenticate = {
  /** The request options as the server sends them (WebAuthn Level 3 JSON). */
  readonly publicKey: PublicKeyCredentialRequestOptionsJSON
  /** `conditional` waits for a choice in the autofill menu of `<input autocomplete="username webauthn">`. */
  readonly mediation?: 'conditional'
  /** Ends the ceremony with `aborted`. */
  readonly signal?: AbortSignal
  /** Where there is no browser. */
  readonly environment?: BrowserEnvironment
}

/** A response to post, or why there is none. */
export type AuthenticationResult =
  | { readonly ok: true; readonly response: AuthenticationResponseJSON }
  | CeremonyFailure

/**
 * Asks for a passkey and returns the response to post, or a code. Never throws.
 *
 * With `mediation: 'conditional'` it waits in the background; a dialog opened meanwhile by `authenticate` or
 * `register` suspends it, and it goes on afterwards unless the dialog succeeded.
 *
 * @example
 * const result = await authenticate({ publicKey })
 * if (result.ok) await post('/finish', result.response)
 * else if (result.code !== 'cancelled') show(result.code)
 */
export async function authenticate(input: Authenticate): Promise<AuthenticationResult> {
  const { publicKey, mediation, signal, environment = currentEnvironment() } = input
  const { credentials } = environment
  if (!environment.isSecureContext) return { ok: false, code: 'insecure_context' }
  if (!credentials || !environment.publicKeyCredential) return { ok: false, code: 'unsupported' }
  const conditional = mediation === 'conditional'
  const run = async (ended: AbortSignal): Promise<AuthenticationResult> => {
    const attempt: Attempt = {
      kind: 'get',
      conditional,
      rpId: publicKey.rpId,
      timeout: publicKey.timeout,
      startedAt: environment.now(),
      hadFocus: conditional || environment.hasFocus(),
    }
    try {
      const options = readRequestOptions(environment, publicKey)
      const given = await credentials.get({ publicKey: options, signal: ended, ...(mediation && { mediation }) })
      const response = assertionToJSON(given)
      return response ? { ok: true, response } : { ok: false, code: 'cancelled' }
    } catch (cause) {
      return failure(environment, attempt, cause)
    }
  }
  return await (conditional ? runAutofill(credentials, run, signal) : runDialog(credentials, run, signal))
}
