import { randomBytes } from 'node:crypto'
import { toBase64url } from '../base64url.ts'
import { sha256 } from '../bytes.ts'
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '../types.ts'
import { concat } from './cbor.ts'
import { createAttestationAuthority } from './certificates.ts'
import { coseAlgorithms, createKeyPair, signWith } from './keys.ts'
import type {
  Authenticator,
  AuthenticatorInput,
  CreateInput,
  CreateOptions,
  GetInput,
  GetOptions,
  SoftCredential,
} from './types.ts'
import { type Device, writeAttestationObject, writeAttested, writeAuthenticatorData, writeClientData } from './write.ts'

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
