import type { Issuer } from '../../../authorization/index.ts'
import { acceptsAuthenticationMethod, type Client } from '../../../records/clients/index.ts'
import { oauthErrors } from '../errors.ts'
import type { OAuthDeps } from '../house.ts'
import { toClientId } from '../schema.ts'
import { clientSecretBasic } from './client-secret-basic.ts'
import { clientSecretJwt } from './client-secret-jwt.ts'
import { clientSecretPost } from './client-secret-post.ts'
import type { AuthenticationMethod, ClientRequest, Presented } from './method.ts'
import { none } from './none.ts'
import { privateKeyJwt } from './private-key-jwt.ts'

const methods: readonly AuthenticationMethod[] = [
  none,
  clientSecretBasic,
  clientSecretPost,
  clientSecretJwt,
  privateKeyJwt,
]

/** The methods that work, by name, for discovery documents. */
export const authenticationMethodNames: readonly string[] = methods.map(({ name }) => name)

const event = 'client-authentication.refused'

/**
 * Finds out which client sends a request, and lets it prove itself in the one way that it chose.
 *
 * @throws {LatchkeyError} `credentials_missing`, `multiple_credentials`, `basic_malformed`,
 * `client_not_found`, `client_inactive`, `client_method_mismatch`, `client_secret_incorrect`, and what begins with
 * `client_assertion_` and `client_keys_`
 */
export async function authenticateClient(deps: OAuthDeps, issuer: Issuer, request: ClientRequest): Promise<Client> {
  const { method, presented } = findMethod(request)
  const client = await deps.cache.client(issuer.org, toClientId(presented.clientId))
  if (!client) throw oauthErrors.client_not_found({ audit: { event } })
  const audit = { event, clientId: client.id }
  if (client.status !== 'active') throw oauthErrors.client_inactive({ audit })
  if (!acceptsAuthenticationMethod(client, method.name)) throw oauthErrors.client_method_mismatch({ audit })
  const refusal = await method.refuse({ ...deps, issuer, endpoint: request.endpoint, client, presented })
  if (refusal) throw refusal({ audit })
  return client
}

function findMethod(request: ClientRequest): { method: AuthenticationMethod; presented: Presented } {
  const used = methods.flatMap((method) => {
    const presented = method.find(request)
    return presented ? [{ method, presented }] : []
  })
  const [first, ...others] = used
  if (!first) throw oauthErrors.credentials_missing()
  const named = request.values.client_id
  // A client that names itself in the form beside its header has to name the same one.
  if (others.length > 0 || (named !== undefined && named !== first.presented.clientId))
    throw oauthErrors.multiple_credentials()
  return first
}
