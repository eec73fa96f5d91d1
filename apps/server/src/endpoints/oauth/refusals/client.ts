import type { OAuthDeclaration } from './declaration.ts'

const failedClient = 'Client authentication failed. Either the client or the client credentials are invalid.'

/** Clients that do not prove who they are. */
export const clientRefusals = {
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
} as const satisfies Record<string, OAuthDeclaration>
