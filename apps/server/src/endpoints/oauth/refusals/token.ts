import type { OAuthDeclaration } from './declaration.ts'

/** Token requests, and requests about a token. */
export const tokenRefusals = {
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
  token_missing: { status: 400, error: 'invalid_request', message: 'The `token` parameter is required.' },
} as const satisfies Record<string, OAuthDeclaration>
