import { errors as authorizationErrors } from '../../authorization/index.ts'
import { defineErrors, type ErrorDeclaration, type LatchkeyError } from '../../platform/errors.ts'

type OAuthDeclaration = ErrorDeclaration & {
  /** What RFC 6749, OpenID Connect and their kin call it. */
  error: string
}

const failedClient = 'Client authentication failed. Either the client or the client credentials are invalid.'

const declarations = {
  authorization_server_unknown: {
    status: 404,
    error: 'invalid_request',
    message: 'The authorization server id is invalid.',
  },

  // Requests before their redirect URI is trusted: answered with a page.
  client_unknown: { status: 400, error: 'invalid_client', message: "Invalid value for 'client_id' parameter." },
  client_not_active: { status: 400, error: 'invalid_client', message: 'The client is not active.' },
  client_type_not_allowed: {
    status: 400,
    error: 'unauthorized_client',
    message: "Clients with 'application_type' of 'service' are not allowed to access the 'authorize' endpoint.",
  },
  redirect_uri_missing: { status: 400, error: 'invalid_request', message: "The 'redirect_uri' parameter is required." },
  redirect_uri_not_registered: {
    status: 400,
    error: 'invalid_request',
    message: "The 'redirect_uri' parameter must be a Login redirect URI in the client app settings.",
  },

  // Requests that are answered at the redirect URI.
  duplicate_parameter: {
    status: 400,
    error: 'invalid_request',
    message: 'The request contained multiple parameters with the same name.',
  },
  request_object_unsupported: {
    status: 400,
    error: 'request_not_supported',
    message: 'The authorize request object is not supported by this client.',
  },
  request_uri_unsupported: {
    status: 400,
    error: 'request_uri_not_supported',
    message: 'The authorize request uri is not supported by this client.',
  },
  registration_unsupported: {
    status: 400,
    error: 'registration_not_supported',
    message: "The 'registration' parameter is not supported.",
  },
  response_type_missing: {
    status: 400,
    error: 'invalid_request',
    message: "The 'response_type' parameter is required.",
  },
  response_type_unsupported: {
    status: 400,
    error: 'unsupported_response_type',
    message: 'The response type is not supported by the authorization server. Configured response types: [code].',
  },
  response_type_not_allowed: {
    status: 400,
    error: 'unauthorized_client',
    message: 'The client is not authorized to use this response type.',
  },
  response_mode_unsupported: {
    status: 400,
    error: 'unsupported_response_mode',
    message:
      'The response mode is not supported by the authorization server. Valid response modes: [query, fragment, form_post].',
  },
  scope_missing: { status: 400, error: 'invalid_scope', message: 'No scopes were requested.' },
  scope_malformed: {
    status: 400,
    error: 'invalid_scope',
    message: "The 'scope' parameter contains illegal characters.",
  },
  scope_unknown: {
    status: 400,
    error: 'invalid_scope',
    message: 'One or more scopes are not configured for the authorization server resource.',
  },
  scope_not_allowed: {
    status: 400,
    error: 'invalid_scope',
    message: 'The client may not ask for one or more of the scopes.',
  },
  openid_scope_required: {
    status: 400,
    error: 'invalid_scope',
    message: "Requests for ID tokens or access tokens with OpenID scopes require the 'openid' scope.",
  },
  pkce_challenge_required: {
    status: 400,
    error: 'invalid_request',
    message: 'PKCE code challenge is required by the application.',
  },
  pkce_challenge_malformed: {
    status: 400,
    error: 'invalid_request',
    message: 'PKCE code challenge must be the base64url form of a SHA-256 hash: 43 characters.',
  },
  pkce_method_unsupported: {
    status: 400,
    error: 'invalid_request',
    message: 'PKCE code challenge method is not supported. Valid values: [S256]',
  },
  prompt_invalid: {
    status: 400,
    error: 'invalid_request',
    message: "Invalid value for 'prompt' parameter. Supported values: [none, login, consent, create]",
  },
  max_age_invalid: {
    status: 400,
    error: 'invalid_request',
    message: "Invalid value for 'max_age' parameter. It should be within range 0 - 2^31-1.",
  },
  id_token_hint_invalid: {
    status: 400,
    error: 'invalid_request',
    message: "The 'id_token_hint' is not a token of this issuer.",
  },
  login_required: {
    status: 400,
    error: 'login_required',
    message: 'The client specified not to prompt, but the user is not logged in.',
  },
  consent_required: {
    status: 400,
    error: 'consent_required',
    message: 'The client specified not to prompt, but the user has to consent to its scopes.',
  },
  interaction_required: {
    status: 400,
    error: 'interaction_required',
    message: 'The client specified not to prompt, but the user has something to do first.',
  },
  access_denied: {
    status: 403,
    error: 'access_denied',
    message: 'The resource owner or authorization server denied the request.',
  },
  consent_denied: { status: 403, error: 'access_denied', message: 'The user did not allow what the client asked for.' },
  sign_in_cancelled: { status: 403, error: 'access_denied', message: 'The user went back to the client.' },
  session_ended: {
    status: 400,
    error: 'login_required',
    message: 'The session ended before the request was answered.',
  },

  // Token requests.
  grant_type_missing: {
    status: 400,
    error: 'invalid_request',
    message: "The token request must specify a 'grant_type'.",
  },
  grant_type_unsupported: {
    status: 400,
    error: 'unsupported_grant_type',
    message: 'The authorization grant type is not supported by the authorization server.',
  },
  grant_type_not_allowed: {
    status: 400,
    error: 'unauthorized_client',
    message: 'The client is not authorized to use the provided grant type.',
  },
  scope_openid_for_client: {
    status: 400,
    error: 'invalid_scope',
    message: "Cannot request 'openid' scopes using client credentials.",
  },
  scope_needs_consent: {
    status: 400,
    error: 'consent_required',
    message: 'The following scopes require user consent and cannot be granted for the client credentials grant type:',
  },
  scope_default_missing: {
    status: 400,
    error: 'invalid_scope',
    message: "The authorization server resource does not have any configured default scopes, 'scope' must be provided.",
  },
  scope_custom_at_org: {
    status: 400,
    error: 'invalid_scope',
    message: 'Custom scopes are not allowed for this request.',
  },
  service_client_required: {
    status: 401,
    error: 'invalid_client',
    message:
      "Only clients with 'application_type' of 'service' may use the client_credentials 'grant_type' with the Org Authorization Server.",
  },
  private_key_jwt_required: {
    status: 401,
    error: 'invalid_client',
    message:
      'Client Credentials requests to the Org Authorization Server must use the private_key_jwt token_endpoint_auth_method.',
  },
  parameter_missing: { status: 400, error: 'invalid_request', message: 'A required parameter is missing.' },
  origin_not_allowed: {
    status: 400,
    error: 'invalid_request',
    message: 'Browser requests to the token endpoint must be part of at least one whitelisted redirect_uri.',
  },
  credentials_in_query: {
    status: 400,
    error: 'invalid_request',
    message: 'Client credentials cannot be supplied via query parameters.',
  },
  multiple_credentials: {
    status: 400,
    error: 'invalid_request',
    message:
      'Cannot supply multiple client credentials. Use one of the following: credentials in the Authorization header, credentials in the post body, or a client_assertion in the post body.',
  },
  credentials_missing: { status: 401, error: 'invalid_client', message: 'No client credentials found.' },
  basic_malformed: {
    status: 401,
    error: 'invalid_client',
    message: 'Found Authentication header but was not valid client credentials.',
  },
  client_assertion_type_invalid: {
    status: 400,
    error: 'invalid_request',
    message: 'The client_assertion_type is invalid.',
  },
  client_assertion_malformed: {
    status: 401,
    error: 'invalid_client',
    message: 'The parsing of the client_assertion failed.',
  },
  client_assertion_algorithm: {
    status: 401,
    error: 'invalid_client',
    message: 'The client_assertion JWT signature algorithm is invalid.',
  },
  client_assertion_key_embedded: {
    status: 401,
    error: 'invalid_client',
    message: 'The client_assertion must not bring a key along, nor say where one is.',
  },
  client_assertion_key_unknown: {
    status: 401,
    error: 'invalid_client',
    message: 'The client_assertion JWT kid is invalid.',
  },
  client_assertion_signature: {
    status: 401,
    error: 'invalid_client',
    message: 'The client_assertion signature is invalid.',
  },
  client_assertion_issuer: {
    status: 401,
    error: 'invalid_client',
    message: 'The issuer claim for client_assertion is not a valid client_id.',
  },
  client_assertion_audience: {
    status: 401,
    error: 'invalid_client',
    message: 'The audience claim for client_assertion must be the endpoint invoked for the request.',
  },
  client_assertion_expired: {
    status: 401,
    error: 'invalid_client',
    message: 'The client_assertion token is expired.',
  },
  client_assertion_too_long: {
    status: 401,
    error: 'invalid_client',
    message: 'The client_assertion token has an expiration too far into the future.',
  },
  client_assertion_early: {
    status: 401,
    error: 'invalid_client',
    message: 'The client_assertion token must be issued before the current time.',
  },
  client_assertion_replayed: {
    status: 401,
    error: 'invalid_client',
    message: 'The client_assertion token has already been used.',
  },
  client_keys_missing: {
    status: 401,
    error: 'invalid_client',
    message: 'The client does not have a JWKSet configured, but the client_assertion requires one.',
  },
  client_keys_unavailable: {
    status: 401,
    error: 'invalid_client',
    message: 'Error retrieving the client JWKSet from jwks_uri.',
  },
  client_not_found: { status: 401, error: 'invalid_client', message: failedClient },
  client_inactive: { status: 401, error: 'invalid_client', message: failedClient },
  client_method_mismatch: { status: 401, error: 'invalid_client', message: failedClient },
  client_secret_incorrect: {
    status: 401,
    error: 'invalid_client',
    message: 'The client secret supplied for a confidential client is invalid.',
  },

  // Requests about a token.
  token_missing: { status: 400, error: 'invalid_request', message: 'The `token` parameter is required.' },

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
  token_kind_not_revocable: 'unsupported_token_type',
  signing_key_missing: 'server_error',
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
