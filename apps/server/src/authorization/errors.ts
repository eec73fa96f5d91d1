import { defineErrors } from '../platform/errors.ts'

const staleCode = 'The authorization code is invalid or has expired.'
const staleRefresh = 'The refresh token is invalid or expired.'
const badToken = 'The access token is invalid.'

/**
 * Why a code or a token gives nothing.
 *
 * Words that official SDKs compare are Okta's to the letter; the code says more than they do.
 */
export const errors = defineErrors({
  code_unknown: { status: 400, message: staleCode },
  code_reused: { status: 400, message: staleCode },
  code_client_mismatch: {
    status: 400,
    message:
      "The grant was issued to another client. Please make sure the 'client_id' matches the one used at the authorize request.",
  },
  code_server_mismatch: { status: 400, message: 'The grant was issued for another authorization server.' },
  redirect_uri_mismatch: {
    status: 400,
    message: "The 'redirect_uri' does not match the redirection URI used in the authorization request.",
  },
  pkce_verifier_missing: { status: 400, message: 'PKCE code verifier is required by the application.' },
  pkce_verifier_unexpected: {
    status: 400,
    message: 'PKCE code challenge should be specified in the authorize request for code verification.',
  },
  pkce_verification_failed: { status: 400, message: 'PKCE verification failed.' },
  code_key_mismatch: { status: 400, message: 'The DPoP proof is not by the key that the code was asked for with.' },
  grant_revoked: { status: 400, message: 'The authorization was revoked.' },
  user_not_active: { status: 400, message: 'The user may not sign in.' },
  refresh_token_unknown: { status: 400, message: staleRefresh },
  refresh_token_reused: { status: 400, message: staleRefresh },
  refresh_client_mismatch: { status: 400, message: staleRefresh },
  refresh_server_mismatch: { status: 400, message: staleRefresh },
  refresh_grant_revoked: { status: 400, message: staleRefresh },
  refresh_user_not_active: { status: 400, message: staleRefresh },
  refresh_key_mismatch: { status: 400, message: 'Invalid DPoP Public Key binding in refresh token' },
  refresh_scope_exceeded: {
    status: 400,
    message: 'Some of the scopes requested for the refresh request were not granted in the original authorize request.',
  },
  token_malformed: { status: 401, message: badToken },
  token_issuer_mismatch: { status: 401, message: 'The access token provided has an invalid issuer.' },
  token_key_unknown: { status: 401, message: badToken },
  token_algorithm_mismatch: { status: 401, message: badToken },
  token_signature_invalid: { status: 401, message: badToken },
  token_expired: { status: 401, message: 'The token has expired.' },
  token_type_mismatch: { status: 401, message: badToken },
  token_revoked: { status: 401, message: 'The access token has been revoked.' },
  token_user_not_active: { status: 401, message: badToken },
  token_client_not_active: { status: 401, message: badToken },
  revocation_client_mismatch: { status: 400, message: 'The token was issued to another client.' },
  token_kind_not_revocable: { status: 400, message: 'An ID token cannot be revoked; it ends by itself.' },
  signing_key_missing: { status: 500, message: 'The authorization server has no key to sign with.' },
})
