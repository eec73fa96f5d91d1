import type { CeremonyErrorCode } from './errors.ts'

export type UserVerification = 'required' | 'preferred' | 'discouraged'
export type Attachment = 'platform' | 'cross-platform'
export type Hint = 'security-key' | 'client-device' | 'hybrid'
export type AttestationConveyance = 'none' | 'indirect' | 'direct' | 'enterprise'

/**
 * What was asked: keep it while the browser works, take it (once) when the answer comes.
 *
 * The verifiers trust this object alone; a setting that changes meanwhile does not change a ceremony in progress.
 */
export type Ceremony = {
  /** base64url, 16 to 64 bytes; see `newChallenge`. */
  challenge: string
  rpId: string
  /** Exact origins, those of apps included (`android:apk-key-hash:…`). */
  origins: readonly string[]
  /** Pages that may frame the ceremony. Absent: a cross-origin ceremony is refused. */
  topOrigins?: readonly string[]
  /** Accept a cross-origin ceremony whose browser does not tell the top origin (Safari). Needs `topOrigins`. */
  allowUnknownTopOrigin?: boolean
  userVerification: UserVerification
  /** COSE algorithm ids that were offered; see `defaultAlgorithms`. */
  algorithms: readonly number[]
  /** A conditional create: the only case in which a missing user presence and verification is accepted. */
  conditional?: boolean
  /** base64url; the user, when known. Registration needs it; without it a sign-in must name its user. */
  userHandle?: string
  /** Credential ids (base64url) that were asked for; absent or empty: any credential. */
  allowCredentials?: readonly string[]
  /** Extensions that were asked for; outputs of others are dropped. Default: `credProps`. */
  extensions?: readonly string[]
}

/** The credential record of WebAuthn §4: keep all of it, and save what the verifiers return. */
export type Credential = {
  /** base64url */
  id: string
  rpId: string
  /** base64url */
  userHandle: string
  /** The COSE_Key as the authenticator sent it. */
  publicKey: Uint8Array
  /** COSE algorithm id. */
  algorithm: number
  signCount: number
  backupEligible: boolean
  backupState: boolean
  uvInitialized: boolean
  transports: string[]
  /** UUID text; a claim, unless `attestation.trusted`. */
  aaguid: string
  attachment?: Attachment
  /** What the browser says (`credProps.rk`); absent: unknown. */
  discoverable?: boolean
  attestation: AttestationOutcome
}

export type AttestationType = 'none' | 'self' | 'basic' | 'attca' | 'anonca'

export type AttestationOutcome = {
  format: string
  type: AttestationType
  /** True only when the certificates lead to one of the trust anchors of the call. */
  trusted: boolean
  /** Why it is not trusted, when trust was looked for. */
  untrustedBecause?: CeremonyErrorCode
}

/** Answers whose trust anchors depend on the authenticator (from a metadata service, for example). */
export type TrustAnchorLookup = (about: { format: string; aaguid: string }) => readonly TrustAnchor[]

/** A certificate: DER bytes or PEM text. */
export type TrustAnchor = Uint8Array | string

export type AttestationPolicy = {
  /** Refuse what does not lead to a trust anchor, `none` and self attestation included. Default: true with `trustAnchors`. */
  required?: boolean
  trustAnchors?: readonly TrustAnchor[] | TrustAnchorLookup
  /** Statement formats that are accepted. Default: all six. */
  formats?: readonly string[]
  /** FIDO's server rule that a `fido-u2f` statement comes with an all-zero AAGUID; WebAuthn Level 3 has no such rule. */
  u2fZeroAaguid?: boolean
}

export type CredentialDescriptorJSON = { type: 'public-key'; id: string; transports?: string[] }

export type PublicKeyCredentialCreationOptionsJSON = {
  rp: { id: string; name: string }
  user: { id: string; name: string; displayName: string }
  challenge: string
  pubKeyCredParams: { type: 'public-key'; alg: number }[]
  timeout: number
  excludeCredentials: CredentialDescriptorJSON[]
  authenticatorSelection: {
    authenticatorAttachment?: Attachment
    residentKey: 'required' | 'preferred' | 'discouraged'
    requireResidentKey: boolean
    userVerification: UserVerification
  }
  hints: Hint[]
  attestation: AttestationConveyance
  attestationFormats: string[]
  extensions: Record<string, unknown>
}

export type PublicKeyCredentialRequestOptionsJSON = {
  challenge: string
  timeout: number
  rpId: string
  allowCredentials: CredentialDescriptorJSON[]
  userVerification: UserVerification
  hints: Hint[]
  extensions: Record<string, unknown>
}

type ResponseJSON<Inner> = {
  /** base64url */
  id: string
  rawId: string
  type: 'public-key'
  authenticatorAttachment?: Attachment
  clientExtensionResults: Record<string, unknown>
  response: Inner
}

/** What `PublicKeyCredential.toJSON()` gives after `create()`. */
export type RegistrationResponseJSON = ResponseJSON<{
  clientDataJSON: string
  attestationObject: string
  transports: string[]
}>

/** What `PublicKeyCredential.toJSON()` gives after `get()`. */
export type AuthenticationResponseJSON = ResponseJSON<{
  clientDataJSON: string
  authenticatorData: string
  signature: string
  userHandle?: string
}>

/** The outputs of the extensions that were asked for. */
export type ExtensionOutputs = {
  /** From the browser: not signed. */
  client: Record<string, unknown>
  /** From the authenticator: signed. */
  authenticator: Record<string, unknown>
}
