import type { CurrentOrg } from '../../access/index.ts'
import type { Client } from '../../records/clients/index.ts'
import { isoTime } from './time.ts'

/** Okta's names for what an app can be, and ours. */
export const appStatuses = { ACTIVE: 'active', INACTIVE: 'inactive' } as const satisfies Record<
  string,
  Client['status']
>

/**
 * Shows a client as an app.
 *
 * @param secret the newest of its secrets, where it is to be told
 */
export function appOf(org: CurrentOrg, client: Client, secret?: string) {
  const self = `${org.url}/api/v1/apps/${client.id}`
  return {
    id: client.id,
    name: 'oidc_client',
    label: client.name,
    status: client.status === 'active' ? 'ACTIVE' : 'INACTIVE',
    created: isoTime(client.createdAt),
    lastUpdated: isoTime(client.updatedAt),
    features: [],
    signOnMode: 'OPENID_CONNECT',
    accessibility: { selfService: false, errorRedirectUrl: null, loginRedirectUrl: null },
    visibility: { autoSubmitToolbar: false, hide: { iOS: true, web: true } },
    credentials: {
      oauthClient: {
        autoKeyRotation: true,
        client_id: client.id,
        ...(secret !== undefined && { client_secret: secret }),
        token_endpoint_auth_method: client.tokenEndpointAuthMethod,
        pkce_required: client.requirePkce,
      },
    },
    settings: { app: {}, oauthClient: settingsOf(client) },
    _links: linksOf(client, self),
  }
}

function settingsOf(client: Client) {
  const isPublic = client.applicationType === 'browser' || client.applicationType === 'native'
  return {
    client_uri: client.clientUri ?? null,
    logo_uri: client.logoUri ?? null,
    redirect_uris: client.redirectUris,
    post_logout_redirect_uris: client.postLogoutRedirectUris,
    response_types: client.responseTypes,
    grant_types: client.grantTypes,
    application_type: client.applicationType,
    consent_method: client.consent === 'required' ? 'REQUIRED' : 'TRUSTED',
    issuer_mode: 'ORG_URL',
    ...(client.initiateLoginUri !== undefined && { initiate_login_uri: client.initiateLoginUri }),
    ...(client.backchannelLogoutUri !== undefined && { backchannel_logout_uri: client.backchannelLogoutUri }),
    ...(client.jwks && { jwks: client.jwks }),
    ...(client.jwksUri !== undefined && { jwks_uri: client.jwksUri }),
    idp_initiated_login: { mode: 'DISABLED', default_scope: [] },
    wildcard_redirect: 'DISABLED',
    ...(client.grantTypes.includes('refresh_token') && {
      // What a lost answer leaves time for, as it is for every client here.
      refresh_token: isPublic ? { rotation_type: 'ROTATE', leeway: 30 } : { rotation_type: 'STATIC' },
    }),
  }
}

function linksOf({ status }: Client, self: string) {
  const other = status === 'active' ? 'deactivate' : 'activate'
  return {
    self: { href: self },
    [other]: { href: `${self}/lifecycle/${other}`, method: 'POST' },
  }
}
