import { type Issuer, verifyIdTokenHint } from '../../../authorization/index.ts'
import { type Client, isRegisteredPostLogoutRedirectUri } from '../../../records/clients/index.ts'
import type { UserId } from '../../../records/users/index.ts'
import { oauthErrors } from '../errors.ts'
import type { OAuthDeps } from '../house.ts'
import { toClientId } from '../schema.ts'

/** A request to sign out whose every part was checked. */
export type LogoutRequest = {
  client: Client | undefined
  /** Whom the client wants signed out, by a token of ours; undefined where it only asks. */
  hint: { userId: UserId; sessionId: string | undefined } | undefined
  /** Where the browser goes then: registered by the client, with the state. */
  returnTo: string | undefined
}

type Values = Readonly<Record<string, string>>

/**
 * Checks what a client says (OpenID Connect RP-Initiated Logout §2). Only a client that is named can have an address to
 * go back to, and only one that it registered: a sign-out must not be a way to send people anywhere.
 *
 * @throws {LatchkeyError} `id_token_hint_invalid`, `logout_client_mismatch`, `logout_client_unknown`, `client_unknown`,
 * `post_logout_redirect_uri_not_registered`
 */
export async function parseLogout(deps: OAuthDeps, issuer: Issuer, values: Values): Promise<LogoutRequest> {
  const claims = await readHint(deps, issuer, values.id_token_hint)
  if (claims && values.client_id !== undefined && values.client_id !== claims.aud)
    throw oauthErrors.logout_client_mismatch()
  const clientId = claims?.aud ?? (values.client_id === undefined ? undefined : toClientId(values.client_id))
  const client = clientId && (await deps.cache.client(issuer.org, clientId))
  if (clientId !== undefined && client?.status !== 'active') throw oauthErrors.client_unknown()
  const hint = claims && { userId: claims.sub, sessionId: claims.sid }
  return { client: client || undefined, hint, returnTo: returnAddress(client || undefined, values) }
}

async function readHint(deps: OAuthDeps, issuer: Issuer, hint: string | undefined) {
  if (hint === undefined) return undefined
  return await verifyIdTokenHint(deps, issuer, hint).catch((cause: unknown) => {
    throw oauthErrors.id_token_hint_invalid({ cause })
  })
}

function returnAddress(client: Client | undefined, values: Values): string | undefined {
  const { post_logout_redirect_uri: uri, state } = values
  if (uri === undefined) return undefined
  if (!client) throw oauthErrors.logout_client_unknown()
  if (!isRegisteredPostLogoutRedirectUri(client, uri)) throw oauthErrors.post_logout_redirect_uri_not_registered()
  if (state === undefined) return uri
  return `${uri}${uri.includes('?') ? '&' : '?'}${new URLSearchParams({ state })}`
}
