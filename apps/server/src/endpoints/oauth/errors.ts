import { errors as authorizationErrors } from '../../authorization/index.ts'
import { defineErrors, type LatchkeyError } from '../../platform/errors.ts'
import { authorizeRefusals } from './refusals/authorize.ts'
import { clientRefusals } from './refusals/client.ts'
import type { OAuthDeclaration } from './refusals/declaration.ts'
import { dpopRefusals } from './refusals/dpop.ts'
import { registrationRefusals } from './refusals/registration.ts'
import { tokenRefusals } from './refusals/token.ts'

const declarations = {
  authorization_server_unknown: {
    status: 404,
    error: 'invalid_request',
    message: 'The authorization server id is invalid.',
  },
  ...authorizeRefusals,
  ...tokenRefusals,
  ...clientRefusals,
  ...registrationRefusals,
  ...dpopRefusals,

  // Requests with an access token.
  access_token_missing: { status: 401, error: 'invalid_request', message: 'The access token is missing.' },
  access_token_in_query: {
    status: 400,
    error: 'invalid_request',
    message: 'The access token cannot be presented in a query string.',
  },
  access_token_duplicate: {
    status: 400,
    error: 'invalid_request',
    message: 'The access token cannot be specified in both the Authorization header and the request-body.',
  },
  insufficient_scope: {
    status: 403,
    error: 'insufficient_scope',
    message: 'The access token provided does not contain the required scopes.',
  },

  // Requests to sign out.
  post_logout_redirect_uri_not_registered: {
    status: 400,
    error: 'invalid_request',
    message: "The 'post_logout_redirect_uri' parameter must be a Logout redirect URI in the client app settings.",
  },
  logout_client_unknown: {
    status: 400,
    error: 'invalid_request',
    message: "The 'post_logout_redirect_uri' parameter needs an 'id_token_hint' or a 'client_id' beside it.",
  },
  logout_client_mismatch: {
    status: 400,
    error: 'invalid_request',
    message: "The 'client_id' is not the client that the 'id_token_hint' was issued to.",
  },
} as const satisfies Record<string, OAuthDeclaration>

/** Everything that this room refuses. */
export const oauthErrors = defineErrors<keyof typeof declarations>(declarations)

/** What the codes of other rooms are called in OAuth. A token error is one of RFC 6750. */
const others: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(authorizationErrors.declared).map(([code, { status }]) => [
      code,
      status === 401 ? 'invalid_token' : 'invalid_grant',
    ]),
  ),
  refresh_scope_exceeded: 'invalid_scope',
  pkce_verifier_unexpected: 'invalid_request',
  code_key_mismatch: 'invalid_dpop_proof',
  refresh_key_mismatch: 'invalid_dpop_proof',
  token_kind_not_revocable: 'unsupported_token_type',
  signing_key_missing: 'server_error',
  api_token_missing: 'invalid_token',
  api_token_invalid: 'invalid_token',
  permission_missing: 'insufficient_scope',
  invalid_client_metadata: 'invalid_client_metadata',
  invalid_redirect_uri: 'invalid_redirect_uri',
  wrong_user: 'login_required',
  user_not_allowed: 'access_denied',
}

const own: Readonly<Record<string, OAuthDeclaration>> = declarations

/** The OAuth name of a refusal. */
export function oauthNameOf({ code, status }: Pick<LatchkeyError, 'code' | 'status'>): string {
  const name = own[code]?.error ?? others[code]
  if (name !== undefined) return name
  if (status === 429 || status === 503) return 'temporarily_unavailable'
  return status >= 500 ? 'server_error' : 'invalid_request'
}
