import { equalBytes, sha256, viewOf } from './bytes.ts'
import { type CborMap, type CborValue, decodeCborPrefix } from './cbor.ts'
import { CeremonyError, type CeremonyErrorCode } from './errors.ts'
import type { Ceremony } from './types.ts'

export type Flags = {
  userPresent: boolean
  userVerified: boolean
  backupEligible: boolean
  backupState: boolean
}

export type AttestedCredential = {
  aaguid: Uint8Array
  id: Uint8Array
  publicKeyBytes: Uint8Array
  publicKey: CborValue
}

export type AuthenticatorData = {
  bytes: Uint8Array
  rpIdHash: Uint8Array
  flags: Flags
  signCount: number
  attested?: AttestedCredential
  extensions?: CborMap
}

const headerLength = 37
const attestedHeaderLength = 18

/** WebAuthn §6.1. Every byte has to be accounted for. */
export function parseAuthenticatorData(bytes: Uint8Array): AuthenticatorData {
  if (bytes.byteLength < headerLength) throw new CeremonyError('authenticator_data_malformed', 'too short')
  const view = viewOf(bytes)
  const flags = view.getUint8(32)
  const attested = flags & 0x40 ? readAttested(bytes) : undefined
  const afterAttested = attested ? attested.end : headerLength
  const extensions = flags & 0x80 ? readExtensions(bytes, afterAttested) : undefined
  const end = extensions ? extensions.end : afterAttested
  if (end !== bytes.byteLength) throw new CeremonyError('authenticator_data_malformed', 'bytes left over')
  return {
    bytes,
    rpIdHash: bytes.subarray(0, 32),
    flags: {
      userPresent: (flags & 0x01) !== 0,
      userVerified: (flags & 0x04) !== 0,
      backupEligible: (flags & 0x08) !== 0,
      backupState: (flags & 0x10) !== 0,
    },
    signCount: view.getUint32(33),
    ...(attested ? { attested: attested.credential } : {}),
    ...(extensions ? { extensions: extensions.map } : {}),
  }
}

function readAttested(bytes: Uint8Array): { credential: AttestedCredential; end: number } {
  const idStart = headerLength + attestedHeaderLength
  if (bytes.byteLength < idStart) throw new CeremonyError('authenticator_data_malformed', 'attested data too short')
  const idLength = viewOf(bytes).getUint16(idStart - 2)
  if (idLength > 1023) throw new CeremonyError('credential_id_too_long')
  const keyStart = idStart + idLength
  if (idLength === 0 || keyStart > bytes.byteLength) {
    throw new CeremonyError('authenticator_data_malformed', 'credential id')
  }
  const { value, end } = readCbor(bytes, keyStart, 'public_key_malformed')
  const credential = {
    aaguid: bytes.subarray(headerLength, headerLength + 16),
    id: bytes.subarray(idStart, keyStart),
    publicKeyBytes: bytes.subarray(keyStart, end),
    publicKey: value,
  }
  return { credential, end }
}

function readExtensions(bytes: Uint8Array, offset: number): { map: CborMap; end: number } {
  const { value, end } = readCbor(bytes, offset, 'extension_malformed')
  if (!(value instanceof Map)) throw new CeremonyError('extension_malformed', 'not a map')
  for (const name of value.keys()) {
    if (typeof name !== 'string') throw new CeremonyError('extension_malformed', 'identifier is not text')
  }
  return { map: value, end }
}

function readCbor(bytes: Uint8Array, offset: number, code: CeremonyErrorCode) {
  if (offset >= bytes.byteLength) throw new CeremonyError('authenticator_data_malformed', 'too short for its flags')
  try {
    return decodeCborPrefix(bytes, offset)
  } catch (cause) {
    throw new CeremonyError(code, cause)
  }
}

// The RP IDs of a process are few; their hashes are asked for at each sign-in.
const rpIdHashes = new Map<string, Uint8Array>()

function hashOfRpId(rpId: string): Uint8Array {
  const known = rpIdHashes.get(rpId)
  if (known) return known
  if (rpIdHashes.size >= 1000) rpIdHashes.clear()
  const hash = sha256(rpId)
  rpIdHashes.set(rpId, hash)
  return hash
}

/** Steps that both ceremonies share: RP ID, user presence, user verification, backup flags. */
export function checkAuthenticatorData(data: AuthenticatorData, ceremony: Ceremony, conditional: boolean): void {
  const { userPresent, userVerified, backupEligible, backupState } = data.flags
  if (!equalBytes(data.rpIdHash, hashOfRpId(ceremony.rpId))) throw new CeremonyError('rp_id_mismatch')
  // A conditional create happens without a gesture; the user was just signed in by other means.
  if (!userPresent && !conditional) throw new CeremonyError('user_not_present')
  if (!userVerified && ceremony.userVerification === 'required' && !conditional) {
    throw new CeremonyError('user_not_verified')
  }
  if (backupState && !backupEligible) throw new CeremonyError('backup_state_invalid')
}
