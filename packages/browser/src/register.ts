import { type Attempt, type CeremonyFailure, failure } from './codes.ts'
import { type BrowserEnvironment, currentEnvironment } from './environment.ts'
import { attestationToJSON, readCreationOptions } from './json.ts'
import { runDialog } from './one-at-a-time.ts'

/** What `register` takes. */
export type Register = {
  /** The creation options as the server sends them (WebAuthn Level 3 JSON). */
  readonly publicKey: PublicKeyCredentialCreationOptionsJSON
  /**
   * Creates without a dialog, where the person has just signed in with a password that their password manager
   * filled. The server must know: the response has neither user presence nor verification.
   */
  readonly conditional?: boolean
  /** Ends the ceremony with `aborted`. */
  readonly signal?: AbortSignal
  /** Where there is no browser. */
  readonly environment?: BrowserEnvironment
}

/** A response to post, or why there is none. */
export type RegistrationResult = { readonly ok: true; readonly response: RegistrationResponseJSON } | CeremonyFailure

/**
 * Creates a passkey and returns the response to post, or a code. Never throws.
 *
 * When the server then refuses the response, call `signalUnknownCredential`, or the person keeps a passkey that
 * opens nothing.
 *
 * @example
 * const result = await register({ publicKey })
 * if (result.ok) await post('/finish', result.response)
 * else if (result.code === 'already_registered') show('You already have a passkey on this device.')
 */
export async function register(input: Register): Promise<RegistrationResult> {
  const { publicKey, conditional = false, signal, environment = currentEnvironment() } = input
  const { credentials } = environment
  if (!environment.isSecureContext) return { ok: false, code: 'insecure_context' }
  if (!credentials || !environment.publicKeyCredential) return { ok: false, code: 'unsupported' }
  const run = async (ended: AbortSignal): Promise<RegistrationResult> => {
    const attempt: Attempt = {
      kind: 'create',
      conditional,
      rpId: publicKey.rp.id,
      timeout: publicKey.timeout,
      startedAt: environment.now(),
      hadFocus: environment.hasFocus(),
    }
    try {
      const options = readCreationOptions(environment, publicKey)
      const mediation = conditional && { mediation: 'conditional' as const }
      const given = await credentials.create({ publicKey: options, signal: ended, ...mediation })
      const response = attestationToJSON(given)
      return response ? { ok: true, response } : { ok: false, code: 'cancelled' }
    } catch (cause) {
      return failure(environment, attempt, cause)
    }
  }
  return await runDialog(credentials, run, signal)
}
