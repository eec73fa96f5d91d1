/**
 * Attestation statements: what the maker of an authenticator says about it (WebAuthn §8).
 *
 * Owns: the six statement formats, the certificates in them, and whether these lead to a trust anchor.
 * Does not own: where trust anchors come from (metadata services, operators); revocation, which would need a network.
 */
import { CeremonyError, type CeremonyErrorCode } from '../errors.ts'
import type { AttestationOutcome, AttestationPolicy, TrustAnchor } from '../types.ts'
import { toUuid } from '../uuid.ts'
import { verifyAndroidKey } from './android-key.ts'
import { verifyApple } from './apple.ts'
import type { Certificate } from './certificate.ts'
import { verifyFidoU2f } from './fido-u2f.ts'
import { verifyNone } from './none.ts'
import { verifyPacked } from './packed.ts'
import type { Attested, StatementVerifier } from './statement.ts'
import { verifyTpm } from './tpm.ts'
import { checkTrust } from './trust.ts'

const verifiers: Readonly<Record<string, StatementVerifier>> = {
  none: verifyNone,
  packed: verifyPacked,
  tpm: verifyTpm,
  'android-key': verifyAndroidKey,
  apple: verifyApple,
  'fido-u2f': verifyFidoU2f,
}

export function verifyAttestation(attested: Attested, policy: AttestationPolicy, now: Date) {
  const { format } = attested
  const verify = Object.hasOwn(verifiers, format) ? verifiers[format] : undefined
  if (!verify) throw new CeremonyError('attestation_format_unsupported', format)
  if (policy.formats && !policy.formats.includes(format)) {
    throw new CeremonyError('attestation_format_not_allowed', format)
  }
  const { type, certificates } = verify(attested, policy)
  const outcome: AttestationOutcome = { format, type, ...judge(attested, certificates, policy, now) }
  return { outcome, certificates: certificates.map((certificate) => Uint8Array.from(certificate.bytes)) }
}

type Judgement = { trusted: boolean; untrustedBecause?: CeremonyErrorCode }

/** A sound statement says that the key was made where it says; only an anchor says who speaks. */
function judge(attested: Attested, certificates: Certificate[], policy: AttestationPolicy, now: Date): Judgement {
  const required = policy.required ?? policy.trustAnchors !== undefined
  if (!required && policy.trustAnchors === undefined) return { trusted: false }
  try {
    const anchors = findAnchors(attested, policy)
    // Android ships its root inside the statement; elsewhere that is the sign of a home-made chain.
    checkTrust({ certificates, anchors, now, rootMayBeIncluded: attested.format === 'android-key' })
    return { trusted: true }
  } catch (error) {
    if (required || !(error instanceof CeremonyError)) throw error
    return { trusted: false, untrustedBecause: error.code }
  }
}

function findAnchors({ format, attested }: Attested, { trustAnchors = [] }: AttestationPolicy): readonly TrustAnchor[] {
  return typeof trustAnchors === 'function' ? trustAnchors({ format, aaguid: toUuid(attested.aaguid) }) : trustAnchors
}
