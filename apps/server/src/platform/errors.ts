/**
 * The one failure channel: a stable code, words that are safe to show, and a cause that stays private.
 *
 * Rooms declare their errors with `defineErrors`; each audience renders them in its own protocol's shape.
 */
export class LatchkeyError extends Error {
  readonly code: string
  readonly status: number
  /** Safe to show: what a client may use to act on the refusal. */
  readonly details: Readonly<Record<string, unknown>>
  /** Private: what the audit event of this refusal says beyond the reason. */
  readonly audit: Audit

  constructor(code: string, status: number, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'LatchkeyError'
    this.code = code
    this.status = status
    this.details = options.details ?? {}
    this.audit = options.audit ?? {}
  }
}

export type ErrorOptions = {
  /** Words for this case in place of the declared ones; must be safe to show. */
  message?: string
  details?: Readonly<Record<string, unknown>>
  /** Private: logged, never shown. */
  cause?: unknown
  audit?: Audit
}

/** What an audit event of a refusal may add: its name when it is not the route's own, and whom it concerns. */
export type Audit = {
  readonly event?: string
  readonly userId?: string
  readonly clientId?: string
  readonly details?: Readonly<Record<string, unknown>>
}

export type ErrorDeclaration = { readonly status: number; readonly message: string }

export type ErrorFactories<Code extends string> = { readonly [C in Code]: (options?: ErrorOptions) => LatchkeyError }

/**
 * Declares a room's errors, once, with words that are safe to show.
 *
 * @example
 * const errors = defineErrors({ ceremony_expired: { status: 400, message: 'This request has expired.' } })
 * throw errors.ceremony_expired()
 */
export function defineErrors<Code extends string>(
  declarations: Record<Code, ErrorDeclaration>,
): ErrorFactories<Code> & { readonly declared: Readonly<Record<Code, ErrorDeclaration>> } {
  const factories: Record<string, unknown> = { declared: declarations }
  for (const [code, { status, message }] of Object.entries<ErrorDeclaration>(declarations)) {
    factories[code] = (options: ErrorOptions = {}) =>
      new LatchkeyError(code, status, options.message ?? message, options)
  }
  return factories as ErrorFactories<Code> & { declared: Record<Code, ErrorDeclaration> }
}

/** Tells whether something thrown is one of ours, and optionally which. */
export function isLatchkeyError(thrown: unknown, code?: string): thrown is LatchkeyError {
  return thrown instanceof LatchkeyError && (code === undefined || thrown.code === code)
}
