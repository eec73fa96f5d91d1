import { verifySignature } from '../cose.ts'
import { CeremonyError } from '../errors.ts'
import type { Certificate } from './certificate.ts'
import {
  type Attested,
  checkStatementSignature,
  malformed,
  readAlgorithm,
  readBytes,
  readCertificates,
  type StatementVerdict,
  type StatementVerifier,
  signedBytes,
} from './statement.ts'

/** WebAuthn §8.2. */
export const verifyPacked: StatementVerifier = (attested) => {
  const { statement } = attested
  return statement.has('x5c') ? verifyFull(attested) : verifySelf(attested)
}

function verifyFull(attested: Attested): StatementVerdict {
  const { statement } = attested
  const algorithm = readAlgorithm(statement)
  const signature = readBytes(statement, 'sig')
  const certificates = readCertificates(statement)
  const [leaf] = certificates
  checkSubject(leaf)
  leaf.checkIsEndEntity()
  leaf.checkAaguid(attested.attested.aaguid)
  checkStatementSignature(leaf, algorithm, signedBytes(attested), signature)
  return { type: 'basic', certificates }
}

function verifySelf(attested: Attested): StatementVerdict {
  const { statement, publicKey } = attested
  const algorithm = readAlgorithm(statement)
  const signature = readBytes(statement, 'sig')
  if (algorithm.id !== publicKey.algorithm.id) throw new CeremonyError('attestation_key_mismatch', 'alg differs')
  if (statement.size !== 2) throw malformed('self attestation holds alg and sig only')
  if (!verifySignature(publicKey, signedBytes(attested), signature)) {
    throw new CeremonyError('attestation_signature_invalid')
  }
  return { type: 'self', certificates: [] }
}

/** §8.2.1: the subject names country, vendor and product. */
function checkSubject({ subject }: Certificate): void {
  const valid =
    /^[A-Z]{2}$/i.test(subject.get('2.5.4.6') ?? '') &&
    subject.get('2.5.4.10') &&
    subject.get('2.5.4.11') === 'Authenticator Attestation' &&
    subject.get('2.5.4.3')
  if (!valid) throw new CeremonyError('attestation_certificate_invalid', 'subject')
}
