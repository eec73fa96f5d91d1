import type { BrowserEnvironment } from './environment.ts'

/**
 * Why a ceremony gave nothing.
 *
 * - `cancelled` the person closed the dialog, or it found no passkey to offer
 * - `timed_out` the dialog was open for as long as the options allow
 * - `not_allowed` the browser declined without asking: no focus, or no reason for a conditional creation
 * - `aborted` the page itself ended the ceremony
 * - `already_registered` this authenticator holds one of `excludeCredentials`
 * - `authenticator_unsuitable` no authenticator here can do what the options require
 * - `unsupported` no WebAuthn, or none of the algorithms
 * - `insecure_context` neither https nor localhost
 * - `rp_id_invalid` the RP ID is not this host or a parent domain of it
 * - `security_error` the browser refused for another reason of security
 * - `options_invalid` the options could not be read
 * - `busy` another dialog is open
 * - `unknown` anything else, with the browser's own error as `cause`
 */
export type CeremonyCode =
  | 'cancelled'
  | 'timed_out'
  | 'not_allowed'
  | 'aborted'
  | 'already_registered'
  | 'authenticator_unsuitable'
  | 'unsupported'
  | 'insecure_context'
  | 'rp_id_invalid'
  | 'security_error'
  | 'options_invalid'
  | 'busy'
  | 'unknown'

/** A ceremony that gave nothing. Never show `cause` to a person; log it. */
export type CeremonyFailure = { readonly ok: false; readonly code: CeremonyCode; readonly cause?: unknown }

/** What was being asked when the browser refused. */
export type Attempt = {
  readonly kind: 'get' | 'create'
  readonly conditional: boolean
  readonly rpId: string | undefined
  readonly timeout: number | undefined
  readonly startedAt: number
  readonly hadFocus: boolean
}

const BY_NAME: Readonly<Record<string, CeremonyCode>> = {
  AbortError: 'aborted',
  TimeoutError: 'timed_out',
  ConstraintError: 'authenticator_unsuitable',
  NotSupportedError: 'unsupported',
  TypeError: 'options_invalid',
  // Chrome: a request is already pending.
  OperationError: 'busy',
}

/** Turns what the browser threw into a code. */
export function failure(environment: BrowserEnvironment, attempt: Attempt, cause: unknown): CeremonyFailure {
  return { ok: false, code: codeOf(environment, attempt, nameOf(cause)), cause }
}

function codeOf(environment: BrowserEnvironment, attempt: Attempt, name: string): CeremonyCode {
  if (name === 'NotAllowedError') return refusal(environment, attempt)
  if (name === 'SecurityError') return securityCode(environment, attempt)
  if (name === 'InvalidStateError') return attempt.kind === 'create' ? 'already_registered' : 'unknown'
  return BY_NAME[name] ?? 'unknown'
}

/** NotAllowedError says nothing on purpose; how long it took and who asked is all there is to tell by. */
function refusal(environment: BrowserEnvironment, attempt: Attempt): CeremonyCode {
  if (attempt.kind === 'create' && attempt.conditional) return 'not_allowed'
  if (!attempt.hadFocus) return 'not_allowed'
  const elapsed = environment.now() - attempt.startedAt
  return attempt.timeout !== undefined && elapsed >= attempt.timeout ? 'timed_out' : 'cancelled'
}

function securityCode(environment: BrowserEnvironment, { rpId }: Attempt): CeremonyCode {
  if (!environment.isSecureContext) return 'insecure_context'
  const { hostname } = environment
  const covers = rpId === undefined || hostname === rpId || hostname.endsWith(`.${rpId}`)
  return covers ? 'security_error' : 'rp_id_invalid'
}

function nameOf(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null || !('name' in cause)) return ''
  return typeof cause.name === 'string' ? cause.name : ''
}
