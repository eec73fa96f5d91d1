import { checkAuthenticatorData, parseAuthenticatorData } from './authenticator-data.ts'
import { sha256 } from './bytes.ts'
import { askedExtensions, checkCeremony } from './ceremony.ts'
import { checkClientData } from './client-data.ts'
import { cachedPublicKey, verifySignature } from './cose.ts'
import { CeremonyError } from './errors.ts'
import { type AuthenticationResponse, readAuthenticationResponse } from './schema.ts'
import type { Attachment, Ceremony, Credential, ExtensionOutputs } from './types.ts'

/**
 * What the relying party may want to act upon, although the sign-in is good.
 *
 * - `counter_regressed`: the sign count did not grow; the private key may have been copied
 * - `backup_state_changed`: the credential is now backed up, or no longer (see `credential.backupState`)
 * - `user_verification_initialized`: the first sign-in of this credential with user verification;
 *   §7.2 advises to ask for a second factor before it counts as one
 */
export type AuthenticationSignal = 'counter_regressed' | 'backup_state_changed' | 'user_verification_initialized'

export type AuthenticationInput = {
  /** The JSON that the browser sent, not parsed yet. */
  response: unknown
  ceremony: Ceremony
  /** The credential with the response's id, as it was kept. */
  credential: Credential
  /** A counter that went backwards is a signal; with `refuse` (for device-bound credentials) it is the end. */
  counter?: 'signal' | 'refuse'
}

export type VerifiedAuthentication = {
  /** Save it: its sign count, backup state and `uvInitialized` are the proof for next time. */
  credential: Credential
  userVerified: boolean
  signals: AuthenticationSignal[]
  /** Where the authenticator was this time, when the browser says so. */
  attachment?: Attachment
  extensions: ExtensionOutputs
}

/**
 * Verifies an authentication response and returns the credential as it is now.
 *
 * Save the returned credential: its sign count and backup state are the proof for next time.
 * The ceremony must already be taken; this function cannot know whether it was answered before.
 *
 * @param input.ceremony what was asked: challenge (base64url, 16 to 64 bytes), RP ID, origins, user verification
 * @throws {CeremonyError} `challenge_mismatch`, `origin_not_allowed`, `user_not_verified`, `signature_invalid` and more
 * @throws {TypeError} for a ceremony that cannot protect anything
 * @example
 * const { credential } = await verifyAuthentication({ response, ceremony, credential: known })
 * @see https://www.w3.org/TR/webauthn-3/#sctn-verifying-assertion
 */
export async function verifyAuthentication(input: AuthenticationInput): Promise<VerifiedAuthentication> {
  const { ceremony, credential } = input
  checkCeremony(ceremony)
  const response = readAuthenticationResponse(input.response)
  checkOwnership(response, ceremony, credential)
  checkClientData(response.clientDataJSON, 'webauthn.get', ceremony)

  const data = parseAuthenticatorData(response.authenticatorData)
  // §6.1: an assertion carries no attested credential data.
  if (data.attested) throw new CeremonyError('authenticator_data_malformed', 'attested data in an assertion')
  checkAuthenticatorData(data, ceremony, false)
  const { userVerified, backupEligible, backupState } = data.flags
  if (backupEligible !== credential.backupEligible) throw new CeremonyError('backup_eligibility_changed')
  checkSignature(response, ceremony, credential)

  const regressed = (data.signCount > 0 || credential.signCount > 0) && data.signCount <= credential.signCount
  if (regressed && input.counter === 'refuse') throw new CeremonyError('counter_regressed')
  const signals: AuthenticationSignal[] = []
  if (regressed) signals.push('counter_regressed')
  if (backupState !== credential.backupState) signals.push('backup_state_changed')
  if (userVerified && !credential.uvInitialized) signals.push('user_verification_initialized')
  return {
    credential: {
      ...credential,
      signCount: data.signCount,
      backupState,
      uvInitialized: credential.uvInitialized || userVerified,
    },
    userVerified,
    signals,
    ...(response.attachment === undefined ? {} : { attachment: response.attachment }),
    extensions: askedExtensions(ceremony, response.clientExtensionResults, data.extensions),
  }
}

/** §7.2 steps 5 and 6: the credential is the one that was named, asked for, and the user's own. */
function checkOwnership(response: AuthenticationResponse, ceremony: Ceremony, credential: Credential): void {
  if (response.id !== credential.id) throw new CeremonyError('credential_mismatch')
  if (ceremony.allowCredentials?.length && !ceremony.allowCredentials.includes(response.id)) {
    throw new CeremonyError('credential_not_allowed')
  }
  if (credential.rpId !== ceremony.rpId) throw new CeremonyError('credential_rp_id_mismatch')
  const known = ceremony.userHandle
  if (known !== undefined && known !== credential.userHandle) throw new CeremonyError('user_handle_mismatch')
  // Without a user known beforehand, the handle is what says whose sign-in this is.
  if (known === undefined && response.userHandle === undefined) throw new CeremonyError('user_handle_missing')
  if (response.userHandle !== undefined && response.userHandle !== credential.userHandle) {
    throw new CeremonyError('user_handle_mismatch')
  }
}

function checkSignature(response: AuthenticationResponse, ceremony: Ceremony, credential: Credential): void {
  if (!ceremony.algorithms.includes(credential.algorithm)) throw new CeremonyError('algorithm_not_allowed')
  const publicKey = cachedPublicKey(credential.publicKey)
  if (publicKey.algorithm.id !== credential.algorithm) {
    throw new CeremonyError('public_key_malformed', 'the key states another algorithm than its record')
  }
  const signed = Buffer.concat([response.authenticatorData, sha256(response.clientDataJSON)])
  if (!verifySignature(publicKey, signed, response.signature)) throw new CeremonyError('signature_invalid')
}
