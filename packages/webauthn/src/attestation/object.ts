import { type AuthenticatorData, parseAuthenticatorData } from '../authenticator-data.ts'
import { type CborMap, type CborValue, decodeCbor } from '../cbor.ts'
import { CeremonyError } from '../errors.ts'

export type AttestationObject = { format: string; statement: CborMap; data: AuthenticatorData }

/** WebAuthn §6.5.4: format, statement, and what the statement is about. */
export function parseAttestationObject(bytes: Uint8Array): AttestationObject {
  const object = decode(bytes)
  if (!(object instanceof Map)) throw malformed('not a map')
  const format = object.get('fmt')
  const statement = object.get('attStmt')
  const authenticatorData = object.get('authData')
  if (typeof format !== 'string') throw malformed('fmt')
  if (!(statement instanceof Map)) throw malformed('attStmt')
  if (!(authenticatorData instanceof Uint8Array)) throw malformed('authData')
  return { format, statement, data: parseAuthenticatorData(authenticatorData) }
}

function decode(bytes: Uint8Array): CborValue {
  try {
    return decodeCbor(bytes)
  } catch (cause) {
    throw malformed(cause)
  }
}

function malformed(cause: unknown): CeremonyError {
  return new CeremonyError('attestation_object_malformed', cause)
}
