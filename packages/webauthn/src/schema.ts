/** The wall: what came over the network as `unknown` becomes bytes and words here, or is refused. */
import { fromAnyBase64, toBase64url } from './base64url.ts'
import { CeremonyError } from './errors.ts'
import type { Attachment, AuthenticationResponseJSON, RegistrationResponseJSON } from './types.ts'

/** Far above what authenticators send, far below what hurts. */
const maxBytes = {
  id: 1023,
  clientDataJSON: 64 * 1024,
  authenticatorData: 64 * 1024,
  attestationObject: 512 * 1024,
  signature: 16 * 1024,
  userHandle: 64,
}
const maxTransports = 16
const transport = /^[a-z0-9-]{1,32}$/

type Envelope = {
  id: string
  attachment?: Attachment
  clientExtensionResults: Record<string, unknown>
  response: Record<string, unknown>
}

export type RegistrationResponse = Omit<Envelope, 'response'> & {
  clientDataJSON: Uint8Array
  attestationObject: Uint8Array
  transports: string[]
}

export type AuthenticationResponse = Omit<Envelope, 'response'> & {
  clientDataJSON: Uint8Array
  authenticatorData: Uint8Array
  signature: Uint8Array
  userHandle?: string
}

/**
 * Parses the JSON of a registration response; base64 and base64url, padded or not, become base64url.
 *
 * @throws {CeremonyError} `response_malformed`
 */
export function parseRegistrationResponse(input: unknown): RegistrationResponseJSON {
  const { clientDataJSON, attestationObject, transports, ...envelope } = readRegistrationResponse(input)
  return toJSON(envelope, {
    clientDataJSON: toBase64url(clientDataJSON),
    attestationObject: toBase64url(attestationObject),
    transports,
  })
}

/**
 * Parses the JSON of an authentication response; an empty or null user handle counts as absent.
 *
 * Use its `id` to find the credential before you call `verifyAuthentication`.
 *
 * @throws {CeremonyError} `response_malformed`
 */
export function parseAuthenticationResponse(input: unknown): AuthenticationResponseJSON {
  const { clientDataJSON, authenticatorData, signature, userHandle, ...envelope } = readAuthenticationResponse(input)
  return toJSON(envelope, {
    clientDataJSON: toBase64url(clientDataJSON),
    authenticatorData: toBase64url(authenticatorData),
    signature: toBase64url(signature),
    ...(userHandle === undefined ? {} : { userHandle }),
  })
}

export function readRegistrationResponse(input: unknown): RegistrationResponse {
  const { response, ...envelope } = readEnvelope(input)
  return {
    ...envelope,
    clientDataJSON: readFilled(response, 'clientDataJSON'),
    attestationObject: readFilled(response, 'attestationObject'),
    transports: readTransports(response.transports),
  }
}

export function readAuthenticationResponse(input: unknown): AuthenticationResponse {
  const { response, ...envelope } = readEnvelope(input)
  const handle = response.userHandle ?? ''
  const userHandle = readBytes({ userHandle: handle }, 'userHandle')
  return {
    ...envelope,
    clientDataJSON: readFilled(response, 'clientDataJSON'),
    authenticatorData: readBytes(response, 'authenticatorData'),
    signature: readBytes(response, 'signature'),
    // Some clients send an empty handle for a credential that is not discoverable.
    ...(userHandle.byteLength === 0 ? {} : { userHandle: toBase64url(userHandle) }),
  }
}

function readEnvelope(input: unknown): Envelope {
  const credential = readObject(input, 'credential')
  if (credential.type !== 'public-key') throw malformed('type is not public-key')
  const id = toBase64url(readFilled(credential, 'id'))
  // rawId repeats id; a client that sends two different ones is hiding something.
  if (credential.rawId !== undefined && toBase64url(readFilled({ id: credential.rawId }, 'id')) !== id) {
    throw malformed('rawId differs from id')
  }
  const attachment = credential.authenticatorAttachment
  return {
    id,
    // The specification asks to ignore values that are not known (yet).
    ...(attachment === 'platform' || attachment === 'cross-platform' ? { attachment } : {}),
    clientExtensionResults: readObject(credential.clientExtensionResults ?? {}, 'clientExtensionResults'),
    response: readObject(credential.response, 'response'),
  }
}

function readObject(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(`${name} is not an object`)
  return value as Record<string, unknown>
}

function readBytes(from: Record<string, unknown>, name: keyof typeof maxBytes): Uint8Array {
  const text = from[name]
  if (typeof text !== 'string') throw malformed(`${name} is not a string`)
  if (text.length > Math.ceil((maxBytes[name] + 2) / 3) * 4) throw malformed(`${name} is too long`)
  const bytes = fromAnyBase64(text)
  if (!bytes) throw malformed(`${name} is not base64url`)
  if (bytes.byteLength > maxBytes[name]) throw malformed(`${name} is too long`)
  return bytes
}

function readFilled(from: Record<string, unknown>, name: keyof typeof maxBytes): Uint8Array {
  const bytes = readBytes(from, name)
  if (bytes.byteLength === 0) throw malformed(`${name} is empty`)
  return bytes
}

function readTransports(value: unknown): string[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value) || value.length > maxTransports) throw malformed('transports is not a short list')
  const names = value.filter((name) => typeof name === 'string' && transport.test(name))
  if (names.length !== value.length) throw malformed('transports holds something else than names')
  return [...new Set<string>(names)]
}

function toJSON<Inner>({ id, attachment, clientExtensionResults }: Omit<Envelope, 'response'>, response: Inner) {
  return {
    id,
    rawId: id,
    type: 'public-key' as const,
    ...(attachment === undefined ? {} : { authenticatorAttachment: attachment }),
    clientExtensionResults,
    response,
  }
}

function malformed(why: string): CeremonyError {
  return new CeremonyError('response_malformed', why)
}
