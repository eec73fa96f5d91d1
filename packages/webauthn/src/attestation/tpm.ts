import { hash as digest } from 'node:crypto'
import { equalBytes } from '../bytes.ts'
import type { Algorithm } from '../cose.ts'
import { CeremonyError } from '../errors.ts'
import { type Certificate, readName } from './certificate.ts'
import { readChildren, readDer, readObjectIdentifier } from './der.ts'
import {
  type Attested,
  checkStatementSignature,
  malformed,
  readAlgorithm,
  readBytes,
  readCertificates,
  type StatementVerifier,
  signedBytes,
} from './statement.ts'
import { certifiedName, parseCertInfo, parsePubArea } from './tpm-structures.ts'

/** Older TPMs sign with SHA-1. It protects this one statement only, so it is accepted here and nowhere else. */
const rs1: Algorithm = { id: -65535, keyType: 'RSA', hash: 'sha1' }

const oids = {
  subjectAltName: '2.5.29.17',
  extendedKeyUsage: '2.5.29.37',
  attestationKey: '2.23.133.8.3',
  manufacturer: '2.23.133.2.1',
  model: '2.23.133.2.2',
  version: '2.23.133.2.3',
}

/** WebAuthn §8.3: a TPM certifies that it made the credential key. */
export const verifyTpm: StatementVerifier = (attested) => {
  const { statement } = attested
  if (statement.get('ver') !== '2.0') throw malformed('ver is not 2.0')
  const algorithm = statement.get('alg') === rs1.id ? rs1 : readAlgorithm(statement)
  const signature = readBytes(statement, 'sig')
  const certInfo = readBytes(statement, 'certInfo')
  const certificates = readCertificates(statement)
  checkPubArea(attested)
  checkCertInfo(attested, certInfo, algorithm)
  const [leaf] = certificates
  checkAttestationCertificate(leaf)
  leaf.checkAaguid(attested.attested.aaguid)
  checkStatementSignature(leaf, algorithm, certInfo, signature)
  return { type: 'attca', certificates }
}

function checkPubArea({ statement, publicKey }: Attested): void {
  const { key } = parsePubArea(readBytes(statement, 'pubArea'))
  if (!key.equals(publicKey.key)) throw new CeremonyError('attestation_key_mismatch', 'pubArea')
}

function checkCertInfo(attested: Attested, certInfo: Uint8Array, { hash }: Algorithm): void {
  const { extraData, name } = parseCertInfo(certInfo)
  if (hash === null) throw malformed('alg has no hash')
  if (!equalBytes(extraData, digest(hash, signedBytes(attested), 'buffer'))) {
    throw new CeremonyError('attestation_challenge_mismatch', 'extraData')
  }
  if (!equalBytes(name, certifiedName(readBytes(attested.statement, 'pubArea'), name))) {
    throw new CeremonyError('attestation_key_mismatch', 'name')
  }
}

/**
 * §8.3.1. The manufacturer only has to be written as one: lists of manufacturers age,
 * and who made a TPM is proven by the trust anchor, not by what the certificate says of itself.
 */
function checkAttestationCertificate(leaf: Certificate): void {
  leaf.checkIsEndEntity()
  if (leaf.subject.size > 0) throw invalid('subject is not empty')
  const usage = leaf.extensions.get(oids.extendedKeyUsage)
  const usages = usage ? leaf.readDer(() => readChildren(readDer(usage).value).map(readObjectIdentifier)) : []
  if (!usages.includes(oids.attestationKey)) throw invalid('extended key usage')
  const names = leaf.extensions.get(oids.subjectAltName)
  const tpm = names ? leaf.readDer(() => readDirectoryName(names)) : new Map<string, string>()
  const manufacturer = tpm.get(oids.manufacturer) ?? ''
  if (!/^id:[0-9A-F]{8}$/i.test(manufacturer) || !tpm.get(oids.model) || !tpm.get(oids.version)) {
    throw invalid('subject alternative name')
  }
}

/** GeneralNames: the [4] directoryName among them. */
function readDirectoryName(names: Uint8Array): Map<string, string> {
  const directory = readChildren(readDer(names).value).find(({ tagClass, tag }) => tagClass === 2 && tag === 4)
  return directory ? readName(readDer(directory.value).value) : new Map()
}

function invalid(why: string): CeremonyError {
  return new CeremonyError('attestation_certificate_invalid', why)
}
