import { verifyAttestation } from './attestation/index.ts'
import { parseAttestationObject } from './attestation/object.ts'
import { type AttestedCredential, checkAuthenticatorData } from './authenticator-data.ts'
import { toBase64url } from './base64url.ts'
import { sha256 } from './bytes.ts'
import { askedExtensions, checkCeremony } from './ceremony.ts'
import { checkClientData } from './client-data.ts'
import { type PublicKey, parsePublicKey } from './cose.ts'
import { CeremonyError } from './errors.ts'
import { type RegistrationResponse, readRegistrationResponse } from './schema.ts'
import type { AttestationPolicy, Ceremony, Credential, ExtensionOutputs } from './types.ts'
import { toUuid } from './uuid.ts'

export type RegistrationInput = {
  /** The JSON that the browser sent, not parsed yet. */
  response: unknown
  ceremony: Ceremony
  /** Default: statements must be sound, but nothing has to be trusted. */
  attestation?: AttestationPolicy
  /** The time at which certificates have to be valid. Default: now. */
  now?: Date
}

export type VerifiedRegistration = {
  credential: Credential
  userVerified: boolean
  userPresent: boolean
  extensions: ExtensionOutputs
  /** The certificates of the attestation statement (DER, leaf first), for policies of your own. */
  certificates: Uint8Array[]
}

/**
 * Verifies a registration response and returns the credential to keep.
 *
 * Before you keep it, make sure that no credential with this id exists for the RP ID.
 * The ceremony must already be taken; this function cannot know whether it was answered before.
 *
 * @param input.ceremony what was asked; `userHandle` is needed, because the response does not tell it
 * @param input.attestation whom to believe about the authenticator; trust anchors hold for this call only
 * @throws {CeremonyError} `challenge_mismatch`, `user_not_verified`, `algorithm_not_allowed`, `attestation_untrusted` and more
 * @throws {TypeError} for a ceremony that cannot protect anything
 * @example
 * const { credential } = await verifyRegistration({ response, ceremony })
 * @see https://www.w3.org/TR/webauthn-3/#sctn-registering-a-new-credential
 */
export async function verifyRegistration(input: RegistrationInput): Promise<VerifiedRegistration> {
  const { ceremony } = input
  checkCeremony(ceremony)
  if (ceremony.userHandle === undefined) throw new TypeError('ceremony.userHandle is missing')
  const response = readRegistrationResponse(input.response)
  checkClientData(response.clientDataJSON, 'webauthn.create', ceremony)

  const { format, statement, data } = parseAttestationObject(response.attestationObject)
  checkAuthenticatorData(data, ceremony, ceremony.conditional === true)
  const attested = data.attested
  if (!attested) throw new CeremonyError('attested_data_missing')
  const publicKey = checkPublicKey(attested, ceremony)
  const { outcome, certificates } = verifyAttestation(
    { format, statement, data, attested, publicKey, clientDataHash: sha256(response.clientDataJSON) },
    input.attestation ?? {},
    input.now ?? new Date(),
  )
  if (toBase64url(attested.id) !== response.id) throw new CeremonyError('credential_mismatch')

  const { userPresent, userVerified, backupEligible, backupState } = data.flags
  return {
    credential: {
      ...describe(response),
      rpId: ceremony.rpId,
      userHandle: ceremony.userHandle,
      // A copy: the slice would keep the whole response alive.
      publicKey: Uint8Array.from(attested.publicKeyBytes),
      algorithm: publicKey.algorithm.id,
      signCount: data.signCount,
      backupEligible,
      backupState,
      uvInitialized: userVerified,
      aaguid: toUuid(attested.aaguid),
      attestation: outcome,
    },
    userVerified,
    userPresent,
    extensions: askedExtensions(ceremony, response.clientExtensionResults, data.extensions),
    certificates,
  }
}

/** The list is checked before the key is read: nothing that was not offered gets that far. */
function checkPublicKey({ publicKey }: AttestedCredential, ceremony: Ceremony): PublicKey {
  const algorithm = publicKey instanceof Map ? publicKey.get(3) : undefined
  if (typeof algorithm === 'number' && !ceremony.algorithms.includes(algorithm)) {
    throw new CeremonyError('algorithm_not_allowed', algorithm)
  }
  return parsePublicKey(publicKey)
}

/** What only the browser says, unsigned: good for labels and options, not for policies. */
function describe({ id, transports, attachment, clientExtensionResults }: RegistrationResponse) {
  const properties = clientExtensionResults.credProps
  const discoverable =
    typeof properties === 'object' && properties !== null && 'rk' in properties ? properties.rk : undefined
  return {
    id,
    transports,
    ...(attachment === undefined ? {} : { attachment }),
    ...(typeof discoverable === 'boolean' ? { discoverable } : {}),
  }
}
