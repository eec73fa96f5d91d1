import type { Issuer } from '../../../authorization/index.ts'
import { isRegisteredRedirectUri } from '../../../records/clients/index.ts'
import { oauthErrors } from '../errors.ts'
import type { House } from '../house.ts'
import { type OnceParameters, toClientId } from '../schema.ts'
import type { Asked } from './asked.ts'

/**
 * Finds the client of a request and makes sure that the redirect URI is its own. Whatever fails here is told to the
 * person on a page: sending it to an address that nobody vouches for would make us an open redirector.
 *
 * @throws {LatchkeyError} `duplicate_parameter`, `client_unknown`, `client_not_active`, `client_type_not_allowed`,
 * `redirect_uri_missing`, `redirect_uri_not_registered`
 */
export async function trustRedirect({ cache }: House, issuer: Issuer, parameters: OnceParameters): Promise<Asked> {
  const { values, repeated } = parameters
  if (repeated.includes('client_id') || repeated.includes('redirect_uri')) throw oauthErrors.duplicate_parameter()
  const client = values.client_id && (await cache.client(issuer.org, toClientId(values.client_id)))
  if (!client) throw oauthErrors.client_unknown()
  if (client.status !== 'active') throw oauthErrors.client_not_active()
  if (client.applicationType === 'service') throw oauthErrors.client_type_not_allowed()
  const redirectUri = values.redirect_uri
  if (redirectUri === undefined) throw oauthErrors.redirect_uri_missing()
  if (!isRegisteredRedirectUri(client, redirectUri)) throw oauthErrors.redirect_uri_not_registered()
  return { issuer, client, redirectUri, ...parameters }
}
