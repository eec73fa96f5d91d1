import type { FastifyRequest } from 'fastify'
import type { CurrentOrg } from '../../access/index.ts'
import type { Issuer } from '../../authorization/index.ts'
import { orgServerId, type ServerId } from '../../records/authorization-servers/index.ts'
import { oauthErrors } from './errors.ts'
import type { House } from './house.ts'
import { parseServerId } from './schema.ts'

/** The two places where an authorization server's endpoints are: the org's own, and any other's under its id. */
export const bases = ['/oauth2/v1', '/oauth2/:serverId/v1'] as const

/**
 * Finds the authorization server that a request's path names.
 *
 * The org's own is only where it belongs: under a name it would be a second issuer with the same keys.
 *
 * @throws {LatchkeyError} `authorization_server_unknown`
 */
export async function issuerOf({ cache }: House, request: FastifyRequest): Promise<Issuer> {
  const named = parseServerId(request.params)
  if (named === orgServerId) throw oauthErrors.authorization_server_unknown()
  return await findIssuer(cache, request.org, named ?? orgServerId)
}

/** @throws {LatchkeyError} `authorization_server_unknown` */
export async function findIssuer(cache: House['cache'], org: CurrentOrg, id: ServerId): Promise<Issuer> {
  const server = await cache.server(org, id)
  if (server?.status !== 'active') throw oauthErrors.authorization_server_unknown()
  return { org, url: issuerUrl(org, id), server }
}

function issuerUrl(org: CurrentOrg, id: ServerId): string {
  return id === orgServerId ? org.url : `${org.url}/oauth2/${id}`
}

/** The address of an endpoint: below the issuer, with `oauth2` in between where the issuer is the bare origin. */
export function endpointUrl({ url, server }: Issuer, endpoint: string): string {
  return `${url}${server.id === orgServerId ? '/oauth2' : ''}/v1/${endpoint}`
}

/** Where clients register: at the org, whose clients they are, for each of its servers. */
export function registrationUrl({ url, server }: Issuer): string {
  const orgUrl = server.id === orgServerId ? url : url.slice(0, -`/oauth2/${server.id}`.length)
  return `${orgUrl}${registrationPath}`
}

export const registrationPath = '/oauth2/v1/clients'

/** The same as a path of ours. */
export function endpointPath({ server }: Issuer, endpoint: string): string {
  return server.id === orgServerId ? `/oauth2/v1/${endpoint}` : `/oauth2/${server.id}/v1/${endpoint}`
}
