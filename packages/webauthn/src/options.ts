import { randomBytes } from 'node:crypto'
import { fromBase64url, toBase64url } from './base64url.ts'
import { defaultAlgorithms } from './cose.ts'
import type {
  Attachment,
  AttestationConveyance,
  CredentialDescriptorJSON,
  Hint,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  UserVerification,
} from './types.ts'

/** People need time (WCAG 2.2.1): five minutes, of the five to ten that WebAuthn recommends. */
const defaultTimeout = 300_000
const maxTimeout = 600_000

/** A stored credential, or the two members of it that the browser needs. */
export type CredentialReference = { id: string; transports?: readonly string[] }

export type RegistrationOptionsInput = {
  rp: { id: string; name: string }
  /** `id` is the user handle: base64url, 1 to 64 bytes, nothing that tells who the user is. */
  user: { id: string; name: string; displayName: string }
  /** Default: a new one. */
  challenge?: string
  /** The user's credentials, so that an authenticator that holds one refuses to make another. */
  excludeCredentials?: readonly CredentialReference[]
  /** Default: `defaultAlgorithms`. */
  algorithms?: readonly number[]
  /** Default: `none`. */
  attestation?: AttestationConveyance
  attestationFormats?: readonly string[]
  /** Default: `preferred`. */
  userVerification?: UserVerification
  /** Default: `required`, because only a discoverable credential signs in without a user name. */
  residentKey?: 'required' | 'preferred' | 'discouraged'
  /** Default: what `hints` imply, for browsers that do not know hints. */
  attachment?: Attachment
  hints?: readonly Hint[]
  /** Milliseconds. Default: 300000; at most 600000. */
  timeout?: number
  /** Default: `{ credProps: true }`. */
  extensions?: Record<string, unknown>
}

export type AuthenticationOptionsInput = {
  rpId: string
  /** Default: a new one. */
  challenge?: string
  /** Absent or empty: any discoverable credential. */
  allowCredentials?: readonly CredentialReference[]
  /** Default: `preferred`. */
  userVerification?: UserVerification
  hints?: readonly Hint[]
  /** Milliseconds. Default: 300000; at most 600000. */
  timeout?: number
  extensions?: Record<string, unknown>
}

/** A challenge of 32 random bytes, base64url. */
export function newChallenge(): string {
  return randomBytes(32).toString('base64url')
}

/**
 * The options of `navigator.credentials.create()`, as JSON.
 *
 * Keep `challenge`, and what you asked for, in a `Ceremony` until the answer comes.
 *
 * @throws {TypeError} for a user handle, challenge or timeout outside of what WebAuthn allows
 * @example
 * const options = createRegistrationOptions({
 *   rp: { id: 'example.org', name: 'Example' },
 *   user: { id: userHandle, name: 'ada@example.org', displayName: 'Ada' },
 *   excludeCredentials: credentialsOfAda,
 * })
 * @see https://www.w3.org/TR/webauthn-3/#dictdef-publickeycredentialcreationoptionsjson
 */
export function createRegistrationOptions(input: RegistrationOptionsInput): PublicKeyCredentialCreationOptionsJSON {
  const residentKey = input.residentKey ?? 'required'
  const hints = [...(input.hints ?? [])]
  const attachment = input.attachment ?? impliedAttachment(hints)
  return {
    rp: { id: input.rp.id, name: input.rp.name },
    user: {
      id: checkLength('user.id', input.user.id, 1, 64),
      name: input.user.name,
      displayName: input.user.displayName,
    },
    challenge: checkLength('challenge', input.challenge ?? newChallenge(), 16, 64),
    pubKeyCredParams: (input.algorithms ?? defaultAlgorithms).map((alg) => ({ type: 'public-key', alg })),
    timeout: checkTimeout(input.timeout),
    excludeCredentials: (input.excludeCredentials ?? []).map(toDescriptor),
    authenticatorSelection: {
      ...(attachment === undefined ? {} : { authenticatorAttachment: attachment }),
      residentKey,
      // Level 1 browsers know only this one.
      requireResidentKey: residentKey === 'required',
      userVerification: input.userVerification ?? 'preferred',
    },
    hints,
    attestation: input.attestation ?? 'none',
    attestationFormats: [...(input.attestationFormats ?? [])],
    extensions: input.extensions ?? { credProps: true },
  }
}

/**
 * The options of `navigator.credentials.get()`, as JSON.
 *
 * @throws {TypeError} for a challenge or timeout outside of what WebAuthn allows
 * @see https://www.w3.org/TR/webauthn-3/#dictdef-publickeycredentialrequestoptionsjson
 */
export function createAuthenticationOptions(input: AuthenticationOptionsInput): PublicKeyCredentialRequestOptionsJSON {
  return {
    challenge: checkLength('challenge', input.challenge ?? newChallenge(), 16, 64),
    timeout: checkTimeout(input.timeout),
    rpId: input.rpId,
    allowCredentials: (input.allowCredentials ?? []).map(toDescriptor),
    userVerification: input.userVerification ?? 'preferred',
    hints: [...(input.hints ?? [])],
    extensions: input.extensions ?? {},
  }
}

function toDescriptor({ id, transports }: CredentialReference): CredentialDescriptorJSON {
  // An empty list would tell the browser that no transport reaches the authenticator.
  return { type: 'public-key', id, ...(transports?.length ? { transports: [...transports] } : {}) }
}

function impliedAttachment(hints: readonly Hint[]): Attachment | undefined {
  const implied = new Set(hints.map((hint) => (hint === 'client-device' ? 'platform' : 'cross-platform')))
  const [only] = implied
  return implied.size === 1 ? only : undefined
}

function checkLength(name: string, text: string, least: number, most: number): string {
  const bytes = fromBase64url(text)
  if (!bytes || bytes.byteLength < least || bytes.byteLength > most) {
    throw new TypeError(`${name} must be base64url of ${least} to ${most} bytes`)
  }
  return toBase64url(bytes)
}

function checkTimeout(timeout = defaultTimeout): number {
  if (!Number.isInteger(timeout) || timeout < 1 || timeout > maxTimeout) {
    throw new TypeError(`timeout must be 1 to ${maxTimeout} milliseconds`)
  }
  return timeout
}
