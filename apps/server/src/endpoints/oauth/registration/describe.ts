import type { Client } from '../../../records/clients/index.ts'
import { registrationPath } from '../issuers.ts'

/** A client in the words of RFC 7591 §3.2.1, as Okta lists them. Its secret is told when it is made, and never again. */
export function describeClient(client: Client, orgUrl: string) {
  const usesSecret = client.tokenEndpointAuthMethod.startsWith('client_secret')
  return {
    client_id: client.id,
    client_id_issued_at: Math.floor(client.createdAt / 1000),
    ...(usesSecret && { client_secret_expires_at: 0 }),
    client_name: client.name,
    ...(client.clientUri !== undefined && { client_uri: client.clientUri }),
    ...(client.logoUri !== undefined && { logo_uri: client.logoUri }),
    application_type: client.applicationType,
    redirect_uris: client.redirectUris,
    post_logout_redirect_uris: client.postLogoutRedirectUris,
    response_types: client.responseTypes,
    grant_types: client.grantTypes,
    token_endpoint_auth_method: client.tokenEndpointAuthMethod,
    ...(client.scopes && { scope: client.scopes.join(' ') }),
    ...(client.initiateLoginUri !== undefined && { initiate_login_uri: client.initiateLoginUri }),
    ...(client.jwks && { jwks: client.jwks }),
    ...(client.jwksUri !== undefined && { jwks_uri: client.jwksUri }),
    ...(client.backchannelLogoutUri !== undefined && { backchannel_logout_uri: client.backchannelLogoutUri }),
    registration_client_uri: `${orgUrl}${registrationPath}/${encodeURIComponent(client.id)}`,
  }
}
