/** Whole ceremonies in one call, each part of which a test can change. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect } from 'vitest'
import {
  type AttestationPolicy,
  type AuthenticationInput,
  type AuthenticationOptionsInput,
  type Ceremony,
  CeremonyError,
  type CeremonyErrorCode,
  type Credential,
  createAuthenticationOptions,
  createRegistrationOptions,
  type RegistrationOptionsInput,
  supportedAlgorithms,
  verifyAuthentication,
  verifyRegistration,
} from '../src/index.ts'
import {
  type Authenticator,
  type AuthenticatorInput,
  type CreateInput,
  createAuthenticator,
  type GetInput,
} from '../src/testing/index.ts'

export const rpId = 'example.org'
export const origin = 'https://example.org'
export const userHandle = Buffer.from('user handle 001').toString('base64url')

export type RegistrationCase = {
  device?: AuthenticatorInput
  authenticator?: Authenticator
  options?: Partial<RegistrationOptionsInput>
  create?: Partial<CreateInput>
  ceremony?: Partial<Ceremony>
  policy?: AttestationPolicy
  now?: Date
  /** Changes the JSON on its way. */
  json?: (json: Json) => unknown
}

export type AuthenticationCase = {
  device?: AuthenticatorInput
  registration?: Omit<RegistrationCase, 'device' | 'authenticator'>
  options?: Partial<AuthenticationOptionsInput>
  get?: Partial<GetInput>
  ceremony?: Partial<Ceremony>
  credential?: Partial<Credential>
  counter?: AuthenticationInput['counter']
  /** The ceremony does not know the user. */
  usernameless?: true
  json?: (json: Json) => unknown
}

export type Json = Record<string, unknown> & { response: Record<string, unknown> }

export function ceremonyFor(options: { challenge: string }, changes: Partial<Ceremony> = {}): Ceremony {
  return {
    challenge: options.challenge,
    rpId,
    origins: [origin],
    userVerification: 'preferred',
    algorithms: [-7, -8, -257],
    userHandle,
    ...changes,
  }
}

export function registrationOptions(changes: Partial<RegistrationOptionsInput> = {}) {
  return createRegistrationOptions({
    rp: { id: rpId, name: 'Example' },
    user: { id: userHandle, name: 'ada@example.org', displayName: 'Ada' },
    ...changes,
  })
}

export async function register(input: RegistrationCase = {}) {
  const authenticator = input.authenticator ?? createAuthenticator(input.device)
  const options = registrationOptions(input.options)
  const json = authenticator.create(options, { origin, ...input.create })
  return await verifyRegistration({
    response: change(json, input.json),
    ceremony: ceremonyFor(options, input.ceremony),
    ...(input.policy ? { attestation: input.policy } : {}),
    ...(input.now ? { now: input.now } : {}),
  })
}

export async function authenticate(input: AuthenticationCase = {}) {
  const authenticator = createAuthenticator(input.device)
  const { credential } = await register({ ...input.registration, authenticator })
  const options = createAuthenticationOptions({ rpId, ...input.options })
  const json = authenticator.get(options, { origin, ...input.get })
  const { userHandle: known = userHandle, ...usernameless } = ceremonyFor(options, input.ceremony)
  return await verifyAuthentication({
    response: change(json, input.json),
    ceremony: input.usernameless ? usernameless : { ...usernameless, userHandle: known },
    credential: { ...credential, ...input.credential },
    ...(input.counter ? { counter: input.counter } : {}),
  })
}

function change(json: object, edit: ((json: Json) => unknown) | undefined): unknown {
  const copy: Json = JSON.parse(JSON.stringify(json))
  return edit ? edit(copy) : copy
}

/** Edits for `json`: sets or removes (undefined) a member of the credential, or of its response. */
export const outer = (name: string, value: unknown) => (json: Json) => ({ ...json, [name]: value })
export const inner = (name: string, value: unknown) => (json: Json) => ({
  ...json,
  response: { ...json.response, [name]: value },
})

export function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('not a string')
  return value
}

export async function refusal(attempt: Promise<unknown>): Promise<CeremonyErrorCode | 'accepted'> {
  try {
    await attempt
    return 'accepted'
  } catch (error) {
    if (error instanceof CeremonyError) return error.code
    throw error
  }
}

export async function expectRefusal(attempt: Promise<unknown>, code: CeremonyErrorCode): Promise<void> {
  expect(await refusal(attempt)).toBe(code)
}

/** Bytes with the last bit turned. */
export function flipped(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[copy.byteLength - 1] = (copy.at(-1) ?? 0) ^ 1
  return copy
}

export type Vector = {
  id: string
  fmt: string
  credentialAlg: number
  registrationResponseJSON: Json
  authenticationResponseJSON: Json
  expectedChallenge: { registration: string; authentication: string }
  registration: Record<string, string>
}
export type Vectors = {
  rpId: string
  origin: string
  topOrigin: string
  vectors: Vector[]
  attestation_ca: { attestation_ca_cert: string }
}
export type Checklist = {
  suites: { id: string; tests: { id: string; case: string; rejectFor?: string }[] }[]
  ours: string[]
}

/** The oracles live beside the repository; where they are not, the tests that need them are skipped. */
const oracles = resolve(import.meta.dirname, '../../../../shared/oracles/webauthn')

function readOracle<Oracle>(name: string): Oracle | undefined {
  try {
    return JSON.parse(readFileSync(resolve(oracles, name), 'utf8'))
  } catch {
    return undefined
  }
}

export const vectors = readOracle<Vectors>('test-vectors.json')
export const checklist = readOracle<Checklist>('fido-server-checklist.json')
export const skipped = '(skipped: ../shared/oracles/webauthn is not there)'

export function vectorOf(id: string): Vector {
  const vector = vectors?.vectors.find((candidate) => candidate.id === id)
  if (!vector) throw new Error(`no vector ${id}`)
  return vector
}

export function vectorAnchors(): Uint8Array[] {
  return [Buffer.from(vectors?.attestation_ca.attestation_ca_cert ?? '', 'hex')]
}

export function vectorCeremony(challenge: string): Ceremony {
  return {
    challenge,
    rpId: vectors?.rpId ?? '',
    origins: [vectors?.origin ?? ''],
    topOrigins: [vectors?.topOrigin ?? ''],
    allowUnknownTopOrigin: true,
    userVerification: 'preferred',
    algorithms: supportedAlgorithms,
    userHandle,
  }
}

export async function registerVector(vector: Vector, json?: (json: Json) => unknown, policy?: AttestationPolicy) {
  return await verifyRegistration({
    response: change(vector.registrationResponseJSON, json),
    ceremony: vectorCeremony(vector.expectedChallenge.registration),
    attestation: { trustAnchors: vectorAnchors(), ...policy },
  })
}
