/** The static side of `PublicKeyCredential`; every member is optional because browsers grew them one by one. */
export type PublicKeyCredentialStatics = {
  getClientCapabilities?(): Promise<Record<string, boolean | undefined>>
  isConditionalMediationAvailable?(): Promise<boolean>
  isUserVerifyingPlatformAuthenticatorAvailable?(): Promise<boolean>
  parseRequestOptionsFromJSON?(options: PublicKeyCredentialRequestOptionsJSON): PublicKeyCredentialRequestOptions
  parseCreationOptionsFromJSON?(options: PublicKeyCredentialCreationOptionsJSON): PublicKeyCredentialCreationOptions
  signalUnknownCredential?(options: UnknownCredentialOptions): Promise<void>
  signalAllAcceptedCredentials?(options: AllAcceptedCredentialsOptions): Promise<void>
  signalCurrentUserDetails?(options: CurrentUserDetailsOptions): Promise<void>
}

/** `navigator.credentials`, as far as it is used here. `create` takes a mediation that older type lists do not know. */
export type CredentialsApi = {
  get(options: CredentialRequestOptions): Promise<unknown>
  create(options: CredentialCreationOptions & { mediation?: CredentialMediationRequirement }): Promise<unknown>
}

/** What the functions here touch of the browser. Pass your own to run them where there is none. */
export type BrowserEnvironment = {
  readonly credentials: CredentialsApi | undefined
  readonly publicKeyCredential: PublicKeyCredentialStatics | undefined
  readonly isSecureContext: boolean
  readonly hostname: string
  /** Whether the document has the focus; browsers refuse ceremonies of a page that nobody looks at. */
  readonly hasFocus: () => boolean
  readonly now: () => number
}

/** Reads the globals at each call: a password manager's extension may replace them after the page has loaded. */
export function currentEnvironment(): BrowserEnvironment {
  return {
    credentials: globalThis.navigator?.credentials,
    publicKeyCredential: globalThis.PublicKeyCredential,
    isSecureContext: globalThis.isSecureContext === true,
    hostname: globalThis.location?.hostname ?? '',
    hasFocus: () => globalThis.document?.hasFocus() ?? true,
    now: () => Date.now(),
  }
}
