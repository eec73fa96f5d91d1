import type { OAuthDeclaration } from './declaration.ts'

/** Requests to register a client, or about one that is registered. */
export const registrationRefusals = {
  registration_unknown: { status: 404, error: 'invalid_request', message: 'There is no such client.' },
  registration_token_mismatch: {
    status: 401,
    error: 'invalid_token',
    message: 'The registration access token is not for this client.',
  },
  registration_token_not_enough: {
    status: 403,
    error: 'insufficient_scope',
    message: 'A registration access token opens its own client alone.',
  },
  registration_client_mismatch: {
    status: 400,
    error: 'invalid_client_metadata',
    message: "client_id: is not the client's own.",
  },
  registration_secret_mismatch: {
    status: 400,
    error: 'invalid_client_metadata',
    message: "client_secret: is not one of the client's own; it cannot be chosen.",
  },
  registration_member_forbidden: {
    status: 400,
    error: 'invalid_client_metadata',
    message: 'The request has a member that only the server may set.',
  },
  registration_secret_unused: {
    status: 400,
    error: 'invalid_client_metadata',
    message: 'token_endpoint_auth_method: this client has no use for a secret.',
  },
} as const satisfies Record<string, OAuthDeclaration>
