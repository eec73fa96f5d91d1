/** Every reason why a ceremony is refused, with words that are safe to show. One code per distinct check. */
const reasons = {
  response_malformed: 'The response is not a public key credential.',
  client_data_malformed: 'The client data cannot be read.',
  type_mismatch: 'The response answers another kind of ceremony.',
  challenge_mismatch: 'The response answers another challenge.',
  origin_not_allowed: 'The response comes from an origin that is not allowed.',
  cross_origin_not_allowed: 'The ceremony ran in a cross-origin frame.',
  top_origin_not_allowed: 'The ceremony ran inside a page that is not allowed to frame it.',
  token_binding_malformed: 'The token binding in the client data cannot be read.',
  authenticator_data_malformed: 'The authenticator data cannot be read.',
  extension_malformed: 'The authenticator extension outputs cannot be read.',
  rp_id_mismatch: 'The authenticator answered for another relying party.',
  user_not_present: 'The authenticator did not see the user.',
  user_not_verified: 'The authenticator did not verify the user.',
  backup_state_invalid: 'The credential claims to be backed up although it cannot be.',
  backup_eligibility_changed: 'The credential changed whether it can be backed up.',
  credential_mismatch: 'The response names another credential.',
  credential_not_allowed: 'The credential is not one of those that were asked for.',
  credential_rp_id_mismatch: 'The credential belongs to another relying party.',
  credential_id_too_long: 'The credential id is longer than 1023 bytes.',
  user_handle_missing: 'The response does not say which user it is for.',
  user_handle_mismatch: 'The credential belongs to another user.',
  attested_data_missing: 'The authenticator sent no credential.',
  algorithm_not_allowed: 'The credential uses an algorithm that was not offered.',
  algorithm_unsupported: 'The credential uses an algorithm that cannot be verified here.',
  public_key_malformed: 'The credential public key cannot be used.',
  signature_invalid: 'The signature is not valid.',
  counter_regressed: 'The signature counter went backwards.',
  attestation_object_malformed: 'The attestation object cannot be read.',
  attestation_format_unsupported: 'The attestation statement format is not known.',
  attestation_format_not_allowed: 'The attestation statement format is not allowed.',
  attestation_statement_malformed: 'The attestation statement cannot be read.',
  attestation_signature_invalid: 'The signature of the attestation is not valid.',
  attestation_key_mismatch: 'The attestation is about another key.',
  attestation_challenge_mismatch: 'The attestation was made for another ceremony.',
  attestation_aaguid_mismatch: 'The attestation is about another model of authenticator.',
  attestation_certificate_invalid: 'The attestation certificate does not meet the rules of its format.',
  attestation_certificate_expired: 'A certificate of the attestation is not valid at this time.',
  attestation_chain_invalid: 'The certificates of the attestation do not form a chain.',
  attestation_untrusted: 'The attestation does not lead to a trusted authority.',
} as const

/** A stable reason code; the README lists them all. */
export type CeremonyErrorCode = keyof typeof reasons

/** All reason codes, for tables and translations. */
export const ceremonyErrorCodes: readonly CeremonyErrorCode[] = Object.keys(reasons).filter(isCeremonyErrorCode)

/**
 * The one failure of this package: a response that must not be accepted.
 *
 * `code` is stable, `message` is safe to show, `cause` is for your logs only.
 * Mistakes in the calling code (a challenge that is too short, a ceremony without origins) are a `TypeError` instead.
 */
export class CeremonyError extends Error {
  override readonly name = 'CeremonyError'
  readonly code: CeremonyErrorCode

  constructor(code: CeremonyErrorCode, cause?: unknown) {
    super(reasons[code], cause === undefined ? undefined : { cause })
    this.code = code
  }
}

function isCeremonyErrorCode(text: string): text is CeremonyErrorCode {
  return Object.hasOwn(reasons, text)
}
