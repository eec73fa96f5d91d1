/** The bytes of an answer, and every way to get them wrong. */
import { sha256 } from '../bytes.ts'
import type { CborMap } from '../cbor.ts'
import { concat, encodeCbor, uint16, uint32 } from './cbor.ts'
import type { AttestationAuthority } from './certificates.ts'
import { octets } from './der.ts'
import { coseAlgorithms, createKeyPair, signWith, toCose } from './keys.ts'
import type { AttestationKind, AuthenticatorInput, CreateInput, Overrides, SoftCredential } from './types.ts'

export type Device = Required<Omit<AuthenticatorInput, 'counter' | 'keyPair' | 'authority'>> &
  Pick<AuthenticatorInput, 'counter' | 'keyPair'> & { authority: () => AttestationAuthority; held: SoftCredential[] }

const aaguidExtension = '1.3.6.1.4.1.45724.1.1.4'

export function writeClientData(type: string, challenge: string, input: Overrides & { origin: string }): Uint8Array {
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
export function writeAuthenticatorData(
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

export function writeAttested(
  device: Device,
  id: Uint8Array,
  { keyPair }: SoftCredential,
  input: CreateInput,
): Uint8Array {
  const key = toCose(keyPair)
  const aaguid = toBytes(input.aaguid ?? device.aaguid)
  return concat(aaguid, uint16(id.byteLength), id, encodeCbor(input.publicKey?.(key) ?? key))
}

export function writeAttestationObject(
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
