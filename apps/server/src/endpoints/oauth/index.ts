/**
 * OAuth 2.0 and OpenID Connect, at Okta's paths and with Okta's words.
 *
 * Owns: the endpoints of every authorization server of an org (authorize, par, token, introspect, revoke, keys,
 * userinfo, logout, registration, discovery), how
 * clients authenticate, which origins may call, and how refusals are told. The org's own server is at `/oauth2/v1`, any
 * other at `/oauth2/{id}/v1`.
 * Does not own: what is granted and issued (`authorization`), signing in (`sign-in`) and its pages (`endpoints/hosted`).
 */
import type { FastifyInstance } from 'fastify'
import type { RenderError } from '../../platform/http/index.ts'
import { renderAuthorizeError } from './authorize/respond.ts'
import { mountAuthorize } from './authorize/routes.ts'
import { openClientKeys } from './client-keys.ts'
import { mountDiscovery } from './discovery/routes.ts'
import type { House, OAuthDeps } from './house.ts'
import { mountIntrospect } from './introspect/routes.ts'
import { mountKeys } from './keys/routes.ts'
import { mountLogout } from './logout/routes.ts'
import { openOriginList } from './origins.ts'
import { mountPar } from './par/routes.ts'
import { mountRegistration } from './registration/routes.ts'
import { renderBearerError, renderOAuthError } from './render.ts'
import { mountRevoke } from './revoke/routes.ts'
import { mountToken } from './token/routes.ts'
import { mountUserinfo } from './userinfo/routes.ts'

const mounts = [
  mountDiscovery,
  mountAuthorize,
  mountPar,
  mountToken,
  mountIntrospect,
  mountRevoke,
  mountKeys,
  mountUserinfo,
  mountLogout,
  mountRegistration,
]

/** Mounts every route of this room. */
export function mountOAuth(app: FastifyInstance, house: House): void {
  const deps: OAuthDeps = { ...house, origins: openOriginList(house), clientKeys: openClientKeys(house) }
  for (const mount of mounts) mount(app, deps)
}

/**
 * The renderers of this room's audiences, for the HTTP server.
 *
 * @param renderPage how the house shows a refusal to a person: for requests that may not be answered at the client
 */
export function oauthRenderers(renderPage: RenderError) {
  return {
    oauth: renderOAuthError,
    bearer: renderBearerError,
    authorize: renderAuthorizeError(renderPage),
  } satisfies Record<string, RenderError>
}
