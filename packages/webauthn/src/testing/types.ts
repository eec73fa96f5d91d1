import type { CborMap } from '../cbor.ts'
import type {
  Attachment,
  AuthenticationResponseJSON,
  CredentialDescriptorJSON,
  RegistrationResponseJSON,
} from '../types.ts'
import type { AttestationAuthority } from './certificates.ts'
import type { KeyAlgorithm, KeyPair, Randomness } from './keys.ts'

export type AttestationKind = 'none' | 'packed-self' | 'packed-x5c'

export type AuthenticatorInput = {
  /** Default: `ES256`. */
  algorithm?: KeyAlgorithm
  /** Default: `none`. */
  attestation?: AttestationKind
  /** Who issues the certificate of `packed-x5c`. Default: an authority of its own; see `Authenticator.authority`. */
  authority?: AttestationAuthority
  /** UUID text. Default: one that stands for this authenticator. */
  aaguid?: string
  /** Default: `['internal']`. */
  transports?: readonly string[]
  /** Default: `platform`. */
  attachment?: Attachment
  /** Default: true, as for a passkey that a provider keeps. */
  backupEligible?: boolean
  /** Default: the same as `backupEligible`. */
  backupState?: boolean
  /** Default: true. */
  userVerified?: boolean
  /** The first sign count; each sign-in adds one. Left out: always zero, as for synced passkeys. */
  counter?: number
  /** Where random bytes come from. Default: the system. */
  randomness?: Randomness
  /** A key pair to use instead of a new one for each credential. */
  keyPair?: KeyPair
}

/** A credential that a software authenticator holds. */
export type SoftCredential = {
  /** base64url */
  id: string
  rpId: string
  /** base64url */
  userHandle: string
  discoverable: boolean
  keyPair: KeyPair
  signCount: number
}

export type FlagOverrides = {
  userPresent?: boolean
  userVerified?: boolean
  backupEligible?: boolean
  backupState?: boolean
  attestedData?: boolean
  extensionData?: boolean
}

/** Everything that can be made wrong. Each change happens before signing, unless it says otherwise. */
export type Overrides = {
  type?: string
  challenge?: string
  crossOrigin?: boolean
  topOrigin?: string
  /** Changes the client data, or replaces it: an object is written as JSON, text and bytes stay as they are. */
  clientData?: (clientData: Record<string, unknown>) => Record<string, unknown> | string | Uint8Array
  /** Hashes another RP ID. */
  rpId?: string
  flags?: FlagOverrides
  counter?: number
  /** CBOR of the extension outputs; sets the flag. */
  extensionData?: Uint8Array
  /** Appended to the authenticator data. */
  extraBytes?: Uint8Array
  authenticatorData?: (bytes: Uint8Array) => Uint8Array
  /** After signing: what to send instead of the signature. */
  signature?: (signature: Uint8Array) => Uint8Array
  /** Signs with another key. */
  signingKey?: KeyPair
  clientExtensionResults?: Record<string, unknown>
}

export type CreateInput = Overrides & {
  /** Where the page is. */
  origin: string
  attestation?: AttestationKind
  aaguid?: string
  /** Any length. */
  credentialId?: Uint8Array
  /** Changes the COSE key, its algorithm for example. */
  publicKey?: (key: CborMap) => CborMap
  /** Certificates (DER, leaf first) in the place of its own. */
  certificates?: readonly Uint8Array[]
  /** Changes the statement after it was signed. */
  statement?: (statement: CborMap) => CborMap
  /** Changes the attestation object after the statement was signed. */
  attestationObject?: (object: CborMap) => CborMap | Uint8Array
}

export type GetInput = Overrides & {
  /** Where the page is. */
  origin: string
  /** Answers with this credential (base64url id), whatever was asked. */
  credentialId?: string
  /** Another user handle (base64url), or none. */
  userHandle?: string | null
}

/** The members of the options that an authenticator looks at; both option types of this package fit. */
export type CreateOptions = {
  rp: { id: string; name: string }
  user: { id: string; name: string; displayName: string }
  challenge: string
  pubKeyCredParams: readonly { type: 'public-key'; alg: number }[]
  excludeCredentials?: readonly CredentialDescriptorJSON[]
  authenticatorSelection?: { residentKey?: string }
}

export type GetOptions = {
  challenge: string
  rpId: string
  allowCredentials?: readonly CredentialDescriptorJSON[]
}

/** An authenticator in software, with the browser around it. */
export type Authenticator = {
  /** Answers `navigator.credentials.create()`. */
  create(options: CreateOptions, input: CreateInput): RegistrationResponseJSON
  /** Answers `navigator.credentials.get()`. */
  get(options: GetOptions, input: GetInput): AuthenticationResponseJSON
  /** What it holds, oldest first. */
  credentials(): readonly SoftCredential[]
  /** Forgets a credential, as a person may do in their settings. */
  forget(credentialId: string): void
  /** Issuer of its certificate; a trust anchor for `packed-x5c`. */
  authority: AttestationAuthority
}
