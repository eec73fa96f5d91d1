import { foreignAlgorithms, type Issuer, secretAlgorithms, standardClaimNames } from '../../../authorization/index.ts'
import { orgServerId } from '../../../records/authorization-servers/index.ts'
import { acrNames } from '../../../records/sessions/index.ts'
import { prompts } from '../authorize/checks.ts'
import { responseModes } from '../authorize/schema.ts'
import { authenticationMethodNames } from '../client-authentication/index.ts'
import { endpointUrl, registrationUrl } from '../issuers.ts'
import { grantTypeNames } from '../token/grant-types/index.ts'

const tokenClaims = ['iss', 'ver', 'sub', 'aud', 'iat', 'exp', 'jti', 'auth_time', 'amr', 'acr', 'idp', 'nonce', 'sid']

const assertionAlgorithms = [...secretAlgorithms, ...foreignAlgorithms]

/** What both documents say: only what is there. */
function common(issuer: Issuer) {
  return {
    issuer: issuer.url,
    authorization_endpoint: endpointUrl(issuer, 'authorize'),
    token_endpoint: endpointUrl(issuer, 'token'),
    registration_endpoint: registrationUrl(issuer),
    jwks_uri: endpointUrl(issuer, 'keys'),
    response_types_supported: ['code'],
    response_modes_supported: responseModes,
    grant_types_supported: grantTypesOf(issuer),
    subject_types_supported: ['public'],
    scopes_supported: issuer.server.scopes.map(({ name }) => name),
    token_endpoint_auth_methods_supported: authenticationMethodNames,
    token_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    introspection_endpoint: endpointUrl(issuer, 'introspect'),
    introspection_endpoint_auth_methods_supported: authenticationMethodNames,
    introspection_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    revocation_endpoint: endpointUrl(issuer, 'revoke'),
    revocation_endpoint_auth_methods_supported: authenticationMethodNames,
    revocation_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    code_challenge_methods_supported: ['S256'],
    dpop_signing_alg_values_supported: foreignAlgorithms,
    end_session_endpoint: endpointUrl(issuer, 'logout'),
    authorization_response_iss_parameter_supported: true,
    pushed_authorization_request_endpoint: endpointUrl(issuer, 'par'),
    require_pushed_authorization_requests: false,
    request_parameter_supported: true,
    request_object_signing_alg_values_supported: assertionAlgorithms,
    // Absent would mean yes (OpenID Connect Discovery §3).
    request_uri_parameter_supported: false,
  }
}

/** The org's own server gives clients tokens of their own for Okta's scopes alone, as soon as it has any. */
function grantTypesOf({ server }: Issuer): readonly string[] {
  const hasOwn = server.id !== orgServerId || server.scopes.some(({ name }) => name.startsWith('okta.'))
  return grantTypeNames.filter((name) => name !== 'client_credentials' || hasOwn)
}

/** OpenID Connect Discovery §3. */
export function openidConfiguration(issuer: Issuer) {
  return {
    ...common(issuer),
    userinfo_endpoint: endpointUrl(issuer, 'userinfo'),
    id_token_signing_alg_values_supported: [issuer.server.settings.signingAlgorithm],
    claims_supported: [...tokenClaims, 'at_hash', ...standardClaimNames],
    acr_values_supported: acrNames,
    claims_parameter_supported: true,
    ui_locales_supported: ['en'],
    prompt_values_supported: prompts,
  }
}

/** RFC 8414 §2. */
export function authorizationServerMetadata(issuer: Issuer) {
  return {
    ...common(issuer),
    claims_supported: ['ver', 'jti', 'iss', 'aud', 'iat', 'exp', 'cid', 'uid', 'scp', 'auth_time', 'sub'],
  }
}
