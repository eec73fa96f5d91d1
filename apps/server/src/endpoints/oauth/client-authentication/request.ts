import type { FastifyRequest } from 'fastify'
import type { Issuer } from '../../../authorization/index.ts'
import type { Client } from '../../../records/clients/index.ts'
import { noteCaller } from '../callers.ts'
import { oauthErrors } from '../errors.ts'
import type { OAuthDeps } from '../house.ts'
import { parseOnce } from '../parameters.ts'
import { parseParameters } from '../schema.ts'
import { authenticateClient } from './authenticate.ts'

/**
 * Reads the form of a request that a client itself sends, and authenticates the client.
 *
 * @throws {LatchkeyError} what `authenticateClient` throws, `credentials_in_query`, `duplicate_parameter`
 */
export async function authenticateRequest(
  deps: OAuthDeps,
  issuer: Issuer,
  request: FastifyRequest,
): Promise<{ client: Client; values: Readonly<Record<string, string>> }> {
  refuseCredentialsInQuery(request)
  const values = parseOnce(request.body)
  const { authorization } = request.headers
  const endpoint = request.routeOptions.url?.split('/').at(-1) ?? ''
  const client = await authenticateClient(deps, issuer, { authorization, values, endpoint })
  noteCaller(request, { clientId: client.id })
  return { client, values }
}

const secrets = ['client_secret', 'client_assertion', 'code', 'refresh_token', 'token']

/** Addresses end in logs, so that a secret in one is no secret any more. */
function refuseCredentialsInQuery({ query }: FastifyRequest): void {
  const { values, repeated } = parseParameters(query)
  const given = [...Object.keys(values), ...repeated]
  if (given.some((name) => secrets.includes(name))) throw oauthErrors.credentials_in_query()
}
