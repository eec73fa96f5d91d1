import { equalBytes } from '../bytes.ts'
import { CeremonyError } from '../errors.ts'
import { type DerNode, readChildren, readDer, readInteger, readOctets } from './der.ts'
import {
  checkStatementSignature,
  readAlgorithm,
  readBytes,
  readCertificates,
  type StatementVerifier,
  signedBytes,
} from './statement.ts'

const keyDescriptionExtension = '1.3.6.1.4.1.11129.2.1.17'
const tags = { purpose: 1, allApplications: 600, origin: 702 }
const purposeSign = 2
const originGenerated = 0

/** WebAuthn §8.4: Android's keystore certifies the credential key and describes how it may be used. */
export const verifyAndroidKey: StatementVerifier = (attested) => {
  const { statement, publicKey } = attested
  const algorithm = readAlgorithm(statement)
  const signature = readBytes(statement, 'sig')
  const certificates = readCertificates(statement)
  const [leaf] = certificates
  if (!leaf.publicKey.equals(publicKey.key)) throw new CeremonyError('attestation_key_mismatch')
  const extension = leaf.extensions.get(keyDescriptionExtension)
  if (!extension) throw new CeremonyError('attestation_certificate_invalid', 'no key description')
  const description = leaf.readDer(() => readDescription(extension))
  if (!equalBytes(description.challenge, attested.clientDataHash)) {
    throw new CeremonyError('attestation_challenge_mismatch')
  }
  checkAuthorizations(description.authorizations)
  checkStatementSignature(leaf, algorithm, signedBytes(attested), signature)
  return { type: 'basic', certificates }
}

/** KeyDescription: challenge at 4; what software and the trusted environment enforce at 6 and 7. */
function readDescription(extension: Uint8Array): { challenge: Uint8Array; authorizations: DerNode[] } {
  const fields = readChildren(readDer(extension).value)
  const [challenge, , software, trusted] = fields.slice(4)
  if (!challenge || !software || !trusted) throw new RangeError('key description too short')
  return {
    challenge: readOctets(challenge),
    authorizations: [...readChildren(software.value), ...readChildren(trusted.value)],
  }
}

/** Where purpose or origin is stated it has to be right; the specification's own vector states neither. */
function checkAuthorizations(authorizations: DerNode[]): void {
  for (const { tag, value } of authorizations) {
    if (tag === tags.allApplications) throw invalid('key is not scoped to the relying party')
    if (tag === tags.origin && readInteger(readDer(value)) !== originGenerated) throw invalid('key was imported')
    if (tag === tags.purpose && !readChildren(readDer(value).value).some((node) => readInteger(node) === purposeSign)) {
      throw invalid('key is not for signing')
    }
  }
}

function invalid(why: string): CeremonyError {
  return new CeremonyError('attestation_certificate_invalid', why)
}
