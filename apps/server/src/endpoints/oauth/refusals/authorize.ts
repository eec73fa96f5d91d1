import type { OAuthDeclaration } from './declaration.ts'

/** Authorization requests: up to `redirect_uri_not_registered` answered with a page, the others at the redirect URI. */
export const authorizeRefusals = {
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
  request_object_and_uri: {
    status: 400,
    error: 'invalid_request',
    message: 'The authorize request must not contain both a request object and a request uri.',
  },
  request_object_malformed: {
    status: 400,
    error: 'invalid_request_object',
    message: 'The request object cannot be parsed.',
  },
  request_object_algorithm: {
    status: 400,
    error: 'invalid_request_object',
    message: 'The JWT signature algorithm of the request object is invalid.',
  },
  request_object_key_unknown: {
    status: 400,
    error: 'invalid_request_object',
    message: 'The JWT kid of the request object is invalid.',
  },
  request_object_signature: {
    status: 400,
    error: 'invalid_request_object',
    message: 'The signature of the request object is invalid.',
  },
  request_object_issuer: {
    status: 400,
    error: 'invalid_request_object',
    message: 'The issuer of the request object is invalid.',
  },
  request_object_audience: {
    status: 400,
    error: 'invalid_request_object',
    message: 'The audience of the request object is invalid.',
  },
  request_object_expired: { status: 400, error: 'invalid_request_object', message: 'The request object is expired.' },
  request_object_too_long: {
    status: 400,
    error: 'invalid_request_object',
    message: 'The request object expires too far in the future.',
  },
  request_object_early: {
    status: 400,
    error: 'invalid_request_object',
    message: 'The request object is issued in the future.',
  },
  request_object_replayed: {
    status: 400,
    error: 'invalid_request_object',
    message: 'The request object has already been used.',
  },
  request_uri_unknown: { status: 400, error: 'invalid_request_uri', message: 'The authorize request_uri is invalid.' },
  request_uri_client_mismatch: {
    status: 401,
    error: 'invalid_client',
    message: "The 'client_id' parameter does not match the expected value for the provided request_uri.",
  },
  request_uri_server_mismatch: {
    status: 400,
    error: 'invalid_request_uri',
    message: 'The request_uri was issued for another authorization server.',
  },
  pushed_request_uri: {
    status: 400,
    error: 'invalid_request',
    message: "The 'request_uri' parameter must not be present in the request.",
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
  claims_malformed: { status: 400, error: 'invalid_request', message: "The 'claims' parameter is not valid." },
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
  authentication_requirements_unmet: {
    status: 400,
    error: 'unmet_authentication_requirements',
    message: "Unable to meet the authentication requirements imposed by 'acr_values' parameter.",
  },
  consent_denied: { status: 403, error: 'access_denied', message: 'The user did not allow what the client asked for.' },
  sign_in_cancelled: { status: 403, error: 'access_denied', message: 'The user went back to the client.' },
  session_ended: {
    status: 400,
    error: 'login_required',
    message: 'The session ended before the request was answered.',
  },
} as const satisfies Record<string, OAuthDeclaration>
