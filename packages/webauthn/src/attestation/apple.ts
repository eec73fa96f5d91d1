import { equalBytes, sha256 } from '../bytes.ts'
import { CeremonyError } from '../errors.ts'
import { readChildren, readDer, readOctets } from './der.ts'
import { readCertificates, type StatementVerifier, signedBytes } from './statement.ts'

const nonceExtension = '1.2.840.113635.100.8.2'

/** WebAuthn §8.8: Apple's authority signs a certificate for the credential key, with the ceremony inside. */
export const verifyApple: StatementVerifier = (attested) => {
  const certificates = readCertificates(attested.statement)
  const [leaf] = certificates
  const extension = leaf.extensions.get(nonceExtension)
  if (!extension) throw new CeremonyError('attestation_certificate_invalid', 'no nonce')
  if (
    !equalBytes(
      leaf.readDer(() => readNonce(extension)),
      sha256(signedBytes(attested)),
    )
  ) {
    throw new CeremonyError('attestation_challenge_mismatch')
  }
  if (!leaf.publicKey.equals(attested.publicKey.key)) throw new CeremonyError('attestation_key_mismatch')
  return { type: 'anonca', certificates }
}

/** SEQUENCE { [1] { OCTET STRING } } */
function readNonce(extension: Uint8Array): Uint8Array {
  const [tagged] = readChildren(readDer(extension).value)
  if (tagged?.tag !== 1) throw new RangeError('no tagged nonce')
  return readOctets(readDer(tagged.value))
}
