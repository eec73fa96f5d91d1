import type { AttestedCredential, AuthenticatorData } from '../authenticator-data.ts'
import type { CborMap } from '../cbor.ts'
import { type Algorithm, findAlgorithm, type PublicKey, verifySignature } from '../cose.ts'
import { CeremonyError } from '../errors.ts'
import type { AttestationPolicy, AttestationType } from '../types.ts'
import { type Certificate, parseCertificate } from './certificate.ts'

/** A statement and everything that it may be about. */
export type Attested = {
  format: string
  statement: CborMap
  data: AuthenticatorData
  attested: AttestedCredential
  publicKey: PublicKey
  clientDataHash: Uint8Array
}

export type StatementVerdict = { type: AttestationType; certificates: Certificate[] }
export type StatementVerifier = (attested: Attested, policy: AttestationPolicy) => StatementVerdict

const maxCertificates = 8

export function malformed(cause: unknown): CeremonyError {
  return new CeremonyError('attestation_statement_malformed', cause)
}

/** What most formats sign: the authenticator data and the hash of the client data. */
export function signedBytes({ data, clientDataHash }: Attested): Uint8Array {
  return Buffer.concat([data.bytes, clientDataHash])
}

export function readBytes(statement: CborMap, name: string): Uint8Array {
  const value = statement.get(name)
  if (!(value instanceof Uint8Array) || value.byteLength === 0) throw malformed(`${name} is not filled bytes`)
  return value
}

export function readAlgorithm(statement: CborMap): Algorithm {
  const id = statement.get('alg')
  if (typeof id !== 'number') throw malformed('alg is not a number')
  const algorithm = findAlgorithm(id)
  if (!algorithm) throw malformed(`alg ${id} is not known`)
  return algorithm
}

/** Reads `x5c`, leaf first. */
export function readCertificates(statement: CborMap): [Certificate, ...Certificate[]] {
  const chain = statement.get('x5c')
  if (!Array.isArray(chain) || chain.length > maxCertificates) throw malformed('x5c is not a short list')
  const [leaf, ...others] = chain.map((bytes) => {
    if (!(bytes instanceof Uint8Array)) throw malformed('x5c holds something else than bytes')
    return parseCertificate(bytes)
  })
  if (!leaf) throw malformed('x5c is empty')
  return [leaf, ...others]
}

const keyTypes: Readonly<Record<Algorithm['keyType'], readonly string[]>> = {
  EC: ['ec'],
  RSA: ['rsa'],
  OKP: ['ed25519', 'ed448'],
  AKP: ['ml-dsa-44', 'ml-dsa-65', 'ml-dsa-87'],
}

/** The statement's algorithm need not fit the curve (§6.5.1.1 binds credential keys only), but the kind of key. */
export function checkStatementSignature(
  leaf: Certificate,
  algorithm: Algorithm,
  signed: Uint8Array,
  signature: Uint8Array,
): void {
  const key = leaf.publicKey
  if (!keyTypes[algorithm.keyType].includes(key.asymmetricKeyType ?? '')) throw malformed('alg does not fit the key')
  if (!verifySignature({ algorithm, key }, signed, signature)) {
    throw new CeremonyError('attestation_signature_invalid')
  }
}
