import { findAlgorithm } from '../cose.ts'
import { CeremonyError } from '../errors.ts'
import {
  type Attested,
  checkStatementSignature,
  malformed,
  readBytes,
  readCertificates,
  type StatementVerifier,
} from './statement.ts'

/** WebAuthn §8.6: a U2F security key, answering with the message of its own protocol. */
export const verifyFidoU2f: StatementVerifier = (attested, policy) => {
  const { statement } = attested
  const signature = readBytes(statement, 'sig')
  const certificates = readCertificates(statement)
  const [leaf] = certificates
  if (certificates.length !== 1) throw malformed('x5c holds one certificate')
  if (leaf.publicKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new CeremonyError('attestation_certificate_invalid', 'key is not on P-256')
  }
  if (policy.u2fZeroAaguid && attested.attested.aaguid.some((byte) => byte !== 0)) {
    throw new CeremonyError('attestation_aaguid_mismatch', 'AAGUID is not zero')
  }
  const es256 = findAlgorithm(-7)
  if (!es256) throw malformed('ES256 is not available')
  checkStatementSignature(leaf, es256, u2fMessage(attested), signature)
  return { type: 'basic', certificates }
}

function u2fMessage({ attested, data, clientDataHash, publicKey }: Attested): Uint8Array {
  const key = attested.publicKey
  const [x, y] = key instanceof Map ? [key.get(-2), key.get(-3)] : []
  if (publicKey.algorithm.id !== -7 || !(x instanceof Uint8Array) || !(y instanceof Uint8Array)) {
    throw new CeremonyError('attestation_key_mismatch', 'U2F knows ES256 only')
  }
  return Buffer.concat(
    [[0], data.rpIdHash, clientDataHash, attested.id, [4], x, y].map((part) => Uint8Array.from(part)),
  )
}
