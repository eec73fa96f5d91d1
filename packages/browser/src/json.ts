/**
 * JSON in and out. Native where the browser has it; our own where it does not (Chrome before 129, Safari before
 * 18.4) and where an extension answers with an object that lacks `toJSON`.
 */
import { fromBase64url, toBase64url } from './base64url.ts'
import type { BrowserEnvironment } from './environment.ts'

/** Reads request options. Our own conversion covers everything but extensions with binary inputs. */
export function readRequestOptions(
  { publicKeyCredential }: BrowserEnvironment,
  json: PublicKeyCredentialRequestOptionsJSON,
): PublicKeyCredentialRequestOptions {
  if (publicKeyCredential?.parseRequestOptionsFromJSON) return publicKeyCredential.parseRequestOptionsFromJSON(json)
  return {
    ...omit(json, ['allowCredentials', 'extensions', 'userVerification']),
    ...plainExtensions(json.extensions),
    ...(isUserVerification(json.userVerification) && { userVerification: json.userVerification }),
    challenge: fromBase64url(json.challenge),
    ...(json.allowCredentials && { allowCredentials: json.allowCredentials.map(readDescriptor) }),
  }
}

/** Reads creation options, under the same limits. */
export function readCreationOptions(
  { publicKeyCredential }: BrowserEnvironment,
  json: PublicKeyCredentialCreationOptionsJSON,
): PublicKeyCredentialCreationOptions {
  if (publicKeyCredential?.parseCreationOptionsFromJSON) return publicKeyCredential.parseCreationOptionsFromJSON(json)
  return {
    ...omit(json, ['excludeCredentials', 'extensions', 'attestation']),
    ...plainExtensions(json.extensions),
    ...(isAttestation(json.attestation) && { attestation: json.attestation }),
    challenge: fromBase64url(json.challenge),
    user: { ...json.user, id: fromBase64url(json.user.id) },
    ...(json.excludeCredentials && { excludeCredentials: json.excludeCredentials.map(readDescriptor) }),
  }
}

/** The assertion as JSON, or nothing when it is not one. */
export function assertionToJSON(credential: unknown): AuthenticationResponseJSON | undefined {
  if (!isCredential(credential)) return undefined
  const native = nativeJSON(credential)
  if (isAssertionJSON(native)) return native
  const { response } = credential
  if (!isAssertion(response)) return undefined
  return {
    ...common(credential),
    response: {
      clientDataJSON: toBase64url(response.clientDataJSON),
      authenticatorData: toBase64url(response.authenticatorData),
      signature: toBase64url(response.signature),
      ...(response.userHandle && { userHandle: toBase64url(response.userHandle) }),
    },
  }
}

/** The attestation as JSON, or nothing when it is not one. */
export function attestationToJSON(credential: unknown): RegistrationResponseJSON | undefined {
  if (!isCredential(credential)) return undefined
  const native = nativeJSON(credential)
  if (isAttestationJSON(native)) return native
  const { response } = credential
  if (!isAttestationResponse(response)) return undefined
  const publicKey = response.getPublicKey?.()
  return {
    ...common(credential),
    response: {
      clientDataJSON: toBase64url(response.clientDataJSON),
      attestationObject: toBase64url(response.attestationObject),
      authenticatorData: toBase64url(response.getAuthenticatorData?.() ?? new ArrayBuffer(0)),
      publicKeyAlgorithm: response.getPublicKeyAlgorithm?.() ?? 0,
      transports: response.getTransports?.() ?? [],
      ...(publicKey && { publicKey: toBase64url(publicKey) }),
    },
  }
}

function common(credential: PublicKeyCredential) {
  const attachment = credential.authenticatorAttachment
  return {
    id: credential.id,
    rawId: toBase64url(credential.rawId),
    type: credential.type,
    // Outputs with bytes (prf, largeBlob) have no place in our own JSON: only what survives it is passed on.
    clientExtensionResults: plainResults(credential),
    ...(attachment && { authenticatorAttachment: attachment }),
  }
}

function plainResults(credential: PublicKeyCredential): AuthenticationExtensionsClientOutputsJSON {
  const { credProps, appid } = credential.getClientExtensionResults()
  return { ...(credProps && { credProps }), ...(appid !== undefined && { appid }) }
}

/** Some extensions inherit a `toJSON` that throws on their look-alike credential. */
function nativeJSON(credential: PublicKeyCredential): unknown {
  try {
    return credential.toJSON?.()
  } catch {
    return undefined
  }
}

const readDescriptor = (json: PublicKeyCredentialDescriptorJSON): PublicKeyCredentialDescriptor => ({
  id: fromBase64url(json.id),
  type: 'public-key',
  ...(json.transports && { transports: json.transports.filter(isTransport) }),
})

function plainExtensions(json: AuthenticationExtensionsClientInputsJSON | undefined) {
  if (!json) return {}
  const { credProps, appid } = json
  return { extensions: { ...(credProps !== undefined && { credProps }), ...(appid !== undefined && { appid }) } }
}

function omit<T extends object, K extends keyof T>(value: T, keys: readonly K[]): Omit<T, K> {
  const rest = { ...value }
  for (const key of keys) delete rest[key]
  return rest
}

const isTransport = (text: string): text is AuthenticatorTransport =>
  ['ble', 'hybrid', 'internal', 'nfc', 'usb', 'smart-card', 'cable'].includes(text)
const isUserVerification = (text: string | undefined): text is UserVerificationRequirement =>
  text === 'required' || text === 'preferred' || text === 'discouraged'
const isAttestation = (text: string | undefined): text is AttestationConveyancePreference =>
  text === 'none' || text === 'indirect' || text === 'direct' || text === 'enterprise'

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
const isCredential = (value: unknown): value is PublicKeyCredential =>
  isObject(value) && 'rawId' in value && 'response' in value
const isAssertion = (value: object): value is AuthenticatorAssertionResponse =>
  'authenticatorData' in value && 'signature' in value
const isAttestationResponse = (value: object): value is AuthenticatorAttestationResponse => 'attestationObject' in value

const hasResponse = (value: unknown): value is { response: object } =>
  isObject(value) && 'response' in value && isObject(value.response)
const isAssertionJSON = (value: unknown): value is AuthenticationResponseJSON =>
  hasResponse(value) && 'signature' in value.response && typeof value.response.signature === 'string'
const isAttestationJSON = (value: unknown): value is RegistrationResponseJSON =>
  hasResponse(value) && 'attestationObject' in value.response && typeof value.response.attestationObject === 'string'
