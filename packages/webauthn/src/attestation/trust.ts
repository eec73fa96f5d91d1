import { X509Certificate } from 'node:crypto'
import { CeremonyError } from '../errors.ts'
import type { TrustAnchor } from '../types.ts'
import type { Certificate } from './certificate.ts'

type TrustInput = {
  /** Leaf first. */
  certificates: readonly Certificate[]
  anchors: readonly TrustAnchor[]
  now: Date
  rootMayBeIncluded: boolean
}

/** Critical extensions of an authority that this file (or OpenSSL's `checkIssued`) takes into account. */
const understood: readonly string[] = ['2.5.29.19', '2.5.29.15', '2.5.29.14', '2.5.29.35', '2.5.29.37', '2.5.29.32']

/**
 * Follows the certificates, in the order given, to one of the anchors.
 *
 * The order is the statement's own (§8.2: each certifies the one before), so there is no search for a path, and
 * nothing is fetched: certificates of strangers do not make this process open connections.
 */
export function checkTrust({ certificates, anchors, now, rootMayBeIncluded }: TrustInput): void {
  const trusted = anchors.map(parseAnchor)
  const path = certificates.map(({ x509 }) => x509)
  const last = path.at(-1)
  if (!last) throw new CeremonyError('attestation_untrusted', 'no certificates')
  checkChain(certificates)
  for (const certificate of path) checkValidity(certificate, now)
  const included = path.findIndex((certificate) => trusted.some((anchor) => anchor.raw.equals(certificate.raw)))
  if (included >= 0) {
    checkIncluded(path, included, rootMayBeIncluded)
    return
  }
  const issuer = trusted.find((anchor) => isIssuedBy(last, anchor))
  if (!issuer) throw new CeremonyError('attestation_untrusted')
  checkValidity(issuer, now)
}

/** Each certificate is issued by the next one, which may issue certificates. */
function checkChain(certificates: readonly Certificate[]): void {
  certificates.forEach((certificate, index) => {
    const issuer = certificates[index + 1]
    if (!issuer) return
    if (!issuer.x509.ca || !isIssuedBy(certificate.x509, issuer.x509)) {
      throw new CeremonyError('attestation_chain_invalid', `certificate ${index}`)
    }
    for (const extension of issuer.critical) {
      if (!understood.includes(extension)) throw new CeremonyError('attestation_chain_invalid', extension)
    }
  })
}

/** A leaf or an intermediate may be the anchor itself; the root belongs to us, not into the statement. */
function checkIncluded(path: readonly X509Certificate[], index: number, rootMayBeIncluded: boolean): void {
  const anchor = path[index]
  if (index === 0 || rootMayBeIncluded || !anchor?.checkIssued(anchor)) return
  throw new CeremonyError('attestation_chain_invalid', 'root is included')
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
}

function checkValidity(certificate: X509Certificate, now: Date): void {
  if (now < certificate.validFromDate || now > certificate.validToDate) {
    throw new CeremonyError('attestation_certificate_expired')
  }
}

function parseAnchor(anchor: TrustAnchor): X509Certificate {
  try {
    return new X509Certificate(anchor)
  } catch (cause) {
    throw new TypeError('a trust anchor is not a certificate', { cause })
  }
}
