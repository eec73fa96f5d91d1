import { randomBytes } from 'node:crypto'
import { toBase64url } from '../base64url.ts'
import { sha256 } from '../bytes.ts'
import type { CborMap } from '../cbor.ts'
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '../types.ts'
import { concat, encodeCbor, uint16, uint32 } from './cbor.ts'
import { type AttestationAuthority, createAttestationAuthority } from './certificates.ts'
import { octets } from './der.ts'
import { coseAlgorithms, createKeyPair, signWith, toCose } from './keys.ts'
import type {
  AttestationKind,
  Authenticator,
  AuthenticatorInput,
  CreateInput,
  CreateOptions,
  GetInput,
  GetOptions,
  Overrides,
  SoftCredential,
} from './types.ts'

type Device = Required<Omit<AuthenticatorInput, 'counter' | 'keyPair' | 'authority'>> &
  Pick<AuthenticatorInput, 'counter' | 'keyPair'> & { authority: () => AttestationAuthority; held: SoftCredential[] }

const aaguidExtension = '1.3.6.1.4.1.45724.1.1.4'

/**
 * A software authenticator for tests: it makes and keeps credentials, and can be told to get anything wrong.
 *
 * The overrides of `create` and `get` change one answer; the options given here describe the authenticator itself.
 * Like a browser it throws a `DOMException`: `InvalidStateError` for an excluded credential, `NotSupportedError`
 * when its algorithm is not asked for, `NotAllowedError` when it holds no credential that fits.
 *
 * @example
 * const authenticator = createAuthenticator()
 * const registration = authenticator.create(creationOptions, { origin: 'https://example.org' })
 * const authentication = authenticator.get(requestOptions, { origin: 'https://example.org' })
 * const unverified = authenticator.get(requestOptions, { origin, flags: { userVerified: false } })
 */
export function createAuthenticator(input: AuthenticatorInput = {}): Authenticator {
  const device = describe(input)
  return {
    create: (options, overrides) => create(device, options, overrides),
    get: (options, overrides) => get(device, options, overrides),
    credentials: () => device.held,
    forget(credentialId) {
      device.held = device.held.filter(({ id }) => id !== credentialId)
    },
    get authority() {
      return device.authority()
    },
  }
}

function describe(input: AuthenticatorInput): Device {
  const { backupEligible = true, randomness = randomBytes } = input
  let authority = input.authority
  return {
    algorithm: 'ES256',
    attestation: 'none',
    aaguid: '6c617463-686b-6579-2d74-657374696e67',
    transports: ['internal'],
    attachment: 'platform',
    backupEligible,
    backupState: backupEligible,
    userVerified: true,
    ...input,
    randomness,
    authority: () => (authority ??= createAttestationAuthority({ randomness })),
    held: [],
  }
}

function create(device: Device, options: CreateOptions, input: CreateInput): RegistrationResponseJSON {
  const { rp, user, excludeCredentials = [] } = options
  const held = device.held.filter(({ rpId }) => rpId === rp.id)
  if (held.some(({ id }) => excludeCredentials.some((excluded) => excluded.id === id))) {
    throw new DOMException('This authenticator already holds a credential of the user.', 'InvalidStateError')
  }
  const algorithm = coseAlgorithms[device.algorithm]
  if (!options.pubKeyCredParams.some(({ alg }) => alg === algorithm)) {
    throw new DOMException('None of the algorithms is supported.', 'NotSupportedError')
  }
  const keyPair = device.keyPair ?? createKeyPair(device.algorithm, device.randomness)
  const id = input.credentialId ?? device.randomness(16)
  const discoverable = options.authenticatorSelection?.residentKey !== 'discouraged'
  const signCount = input.counter ?? device.counter ?? 0
  const credential = { id: toBase64url(id), rpId: rp.id, userHandle: user.id, discoverable, keyPair, signCount }
  // One discoverable credential per user: a new one takes the place of the old one.
  device.held = device.held.filter(
    (other) => !(discoverable && other.discoverable && other.rpId === rp.id && other.userHandle === user.id),
  )
  device.held.push(credential)

  const clientDataJSON = writeClientData('webauthn.create', options.challenge, input)
  const attested = writeAttested(device, id, credential, input)
  const authenticatorData = writeAuthenticatorData(device, credential, input, attested)
  const attestationObject = writeAttestationObject(device, credential, input, authenticatorData, clientDataJSON)
  return {
    ...envelope(device, credential.id),
    clientExtensionResults: input.clientExtensionResults ?? { credProps: { rk: discoverable } },
    response: {
      clientDataJSON: toBase64url(clientDataJSON),
      attestationObject: toBase64url(attestationObject),
      transports: [...device.transports],
    },
  }
}

function get(device: Device, options: GetOptions, input: GetInput): AuthenticationResponseJSON {
  const credential = pick(device, options, input)
  if (device.counter !== undefined) credential.signCount += 1
  const clientDataJSON = writeClientData('webauthn.get', options.challenge, input)
  const authenticatorData = writeAuthenticatorData(device, credential, input)
  const signed = concat(authenticatorData, sha256(clientDataJSON))
  const signature = signWith(input.signingKey ?? credential.keyPair, signed)
  const userHandle = input.userHandle === undefined ? handleOf(credential) : input.userHandle
  return {
    ...envelope(device, credential.id),
    clientExtensionResults: input.clientExtensionResults ?? {},
    response: {
      clientDataJSON: toBase64url(clientDataJSON),
      authenticatorData: toBase64url(authenticatorData),
      signature: toBase64url(input.signature?.(signature) ?? signature),
      ...(userHandle === null ? {} : { userHandle }),
    },
  }
}

/** Only a discoverable credential knows its user. */
function handleOf({ discoverable, userHandle }: SoftCredential): string | null {
  return discoverable ? userHandle : null
}

function pick(
  { held }: Device,
  { rpId, allowCredentials = [] }: GetOptions,
  { credentialId }: GetInput,
): SoftCredential {
  const allowed = (credential: SoftCredential) =>
    allowCredentials.length > 0 ? allowCredentials.some(({ id }) => id === credential.id) : credential.discoverable
  const found = held.findLast((credential) =>
    credentialId === undefined ? credential.rpId === rpId && allowed(credential) : credential.id === credentialId,
  )
  if (!found) throw new DOMException('No credential fits.', 'NotAllowedError')
  return found
}

function envelope(device: Device, id: string) {
  return { id, rawId: id, type: 'public-key' as const, authenticatorAttachment: device.attachment }
}

function writeClientData(type: string, challenge: string, input: Overrides & { origin: string }): Uint8Array {
  const clientData = {
    type: input.type ?? type,
    challenge: input.challenge ?? challenge,
    origin: input.origin,
    crossOrigin: input.crossOrigin ?? false,
    ...(input.topOrigin === undefined ? {} : { topOrigin: input.topOrigin }),
  }
  const written = input.clientData?.(clientData) ?? clientData
  if (written instanceof Uint8Array) return written
  return new TextEncoder().encode(typeof written === 'string' ? written : JSON.stringify(written))
}

/** WebAuthn §6.1. */
function writeAuthenticatorData(
  device: Device,
  { rpId, signCount }: SoftCredential,
  input: Overrides,
  attested: Uint8Array = new Uint8Array(),
): Uint8Array {
  const bytes = concat(
    sha256(input.rpId ?? rpId),
    Uint8Array.of(writeFlags(device, input, attested.byteLength > 0)),
    uint32(input.counter ?? signCount),
    attested,
    input.extensionData ?? new Uint8Array(),
    input.extraBytes ?? new Uint8Array(),
  )
  return input.authenticatorData?.(bytes) ?? bytes
}

function writeFlags(device: Device, { flags = {}, extensionData }: Overrides, attestedData: boolean): number {
  const bits: readonly [boolean, number][] = [
    [flags.userPresent ?? true, 0x01],
    [flags.userVerified ?? device.userVerified, 0x04],
    [flags.backupEligible ?? device.backupEligible, 0x08],
    [flags.backupState ?? device.backupState, 0x10],
    [flags.attestedData ?? attestedData, 0x40],
    [flags.extensionData ?? extensionData !== undefined, 0x80],
  ]
  return bits.reduce((sum, [isSet, bit]) => sum | (isSet ? bit : 0), 0)
}

function writeAttested(device: Device, id: Uint8Array, { keyPair }: SoftCredential, input: CreateInput): Uint8Array {
  const key = toCose(keyPair)
  const aaguid = toBytes(input.aaguid ?? device.aaguid)
  return concat(aaguid, uint16(id.byteLength), id, encodeCbor(input.publicKey?.(key) ?? key))
}

function writeAttestationObject(
  device: Device,
  credential: SoftCredential,
  input: CreateInput,
  authData: Uint8Array,
  clientDataJSON: Uint8Array,
): Uint8Array {
  const kind = input.attestation ?? device.attestation
  const signed = concat(authData, sha256(clientDataJSON))
  const statement = writeStatement(device, credential, input, kind, signed)
  const object: CborMap = new Map()
  object.set('fmt', kind === 'none' ? 'none' : 'packed')
  object.set('attStmt', input.statement?.(statement) ?? statement)
  object.set('authData', authData)
  const written = input.attestationObject?.(object) ?? object
  return written instanceof Uint8Array ? written : encodeCbor(written)
}

function writeStatement(
  device: Device,
  credential: SoftCredential,
  input: CreateInput,
  kind: AttestationKind,
  signed: Uint8Array,
): CborMap {
  const statement: CborMap = new Map()
  if (kind === 'none') return statement
  const full = kind === 'packed-x5c'
  const attestationKey = createKeyPair('ES256', device.randomness)
  const keyPair = input.signingKey ?? (full ? attestationKey : credential.keyPair)
  const signature = signWith(keyPair, signed)
  statement.set('alg', coseAlgorithms[keyPair.algorithm])
  statement.set('sig', input.signature?.(signature) ?? signature)
  if (!full) return statement
  const aaguid = octets(toBytes(input.aaguid ?? device.aaguid))
  const issue = () =>
    device.authority().issue({ publicKey: keyPair.publicKey, extensions: [{ id: aaguidExtension, value: aaguid }] })
  return statement.set('x5c', [...(input.certificates ?? [issue()])])
}

function toBytes(uuid: string): Uint8Array {
  return Uint8Array.from(Buffer.from(uuid.replaceAll('-', ''), 'hex'))
}
