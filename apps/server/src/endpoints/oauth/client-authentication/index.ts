import type { Issuer } from '../../../authorization/index.ts'
import { acceptsAuthenticationMethod, type Client } from '../../../records/clients/index.ts'
import { oauthErrors } from '../errors.ts'
import type { House } from '../house.ts'
import { toClientId } from '../schema.ts'
import { clientSecretBasic } from './client-secret-basic.ts'
import { clientSecretPost } from './client-secret-post.ts'
import type { AuthenticationMethod, ClientRequest, Presented } from './method.ts'
import { none } from './none.ts'

const methods: readonly AuthenticationMethod[] = [none, clientSecretBasic, clientSecretPost]

/** The methods that work, by name, for discovery documents. */
export const authenticationMethodNames: readonly string[] = methods.map(({ name }) => name)

const event = 'client-authentication.refused'

/**
 * Finds out which client sends a request, and lets it prove itself in the one way that it chose.
 *
 * @throws {LatchkeyError} `credentials_missing`, `multiple_credentials`, `basic_malformed`,
 * `client_assertion_unsupported`, `client_not_found`, `client_inactive`, `client_method_mismatch`,
 * `client_secret_incorrect`
 */
export async function authenticateClient(
  { db, vault, cache }: House,
  { org }: Pick<Issuer, 'org'>,
  request: ClientRequest,
): Promise<Client> {
  const { method, presented } = findMethod(request)
  const client = await cache.client(org, toClientId(presented.clientId))
  if (!client) throw oauthErrors.client_not_found({ audit: { event } })
  const audit = { event, clientId: client.id }
  if (client.status !== 'active') throw oauthErrors.client_inactive({ audit })
  if (!acceptsAuthenticationMethod(client, method.name)) throw oauthErrors.client_method_mismatch({ audit })
  if (!(await method.isProven({ db, vault, org: org.id, client, presented })))
    throw oauthErrors.client_secret_incorrect({ audit })
  return client
}

function findMethod(request: ClientRequest): { method: AuthenticationMethod; presented: Presented } {
  if (request.values.client_assertion !== undefined) throw oauthErrors.client_assertion_unsupported()
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
