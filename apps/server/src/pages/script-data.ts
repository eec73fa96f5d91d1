/** What a page tells its script, in the data block `page`. No DOM in here: both sides read it. */

/** Where a ceremony was offered; the funnel is counted by it. */
export type Surface = 'autofill' | 'button' | 'identified' | 'enrol' | 'enrol_conditional' | 'account'

export type ScriptData = {
  /** `authenticate` signs in, `register` adds a passkey, `none` is a page without ceremonies. */
  readonly ceremony: 'authenticate' | 'register' | 'none'
  readonly surface: Surface
  /** Where the ceremony is started and finished, and where observations go. */
  readonly start?: string
  readonly finish?: string
  readonly observe?: string
  /** Passkeys are offered in the autofill menu of the identifier field as well. */
  readonly autofill?: boolean
  /** The browser may create a passkey without a dialog, because a password was just filled in. */
  readonly conditional?: boolean
  /** What passkey providers should be told as the page opens. */
  readonly signals?: Signals
  readonly texts: {
    /** How numbers and dates are written. */
    readonly locale: string
    readonly waiting: string
    readonly finishing: string
    readonly working: string
    readonly errorTitle: string
    readonly resendIn?: string
    /** Sentences by code; `unknown` is always there. */
    readonly problems: Readonly<Record<string, string>>
  }
}

/** What the server knows of credentials, in the terms of the Signal API. Each is told where the browser can. */
export type Signals = {
  readonly unknownCredential?: { readonly rpId: string; readonly credentialId: string }
  readonly allAcceptedCredentials?: {
    readonly rpId: string
    readonly userId: string
    readonly allAcceptedCredentialIds: readonly string[]
  }
  readonly currentUserDetails?: {
    readonly rpId: string
    readonly userId: string
    readonly name: string
    readonly displayName: string
  }
}
