import type { FastifyReply, FastifyRequest } from 'fastify'
import { parseInput } from '../../../platform/http/index.ts'
import { type Client, findClient, listClients } from '../../../records/clients/index.ts'
import { oauthErrors } from '../errors.ts'
import type { OAuthDeps } from '../house.ts'
import { registrationPath } from '../issuers.ts'
import { parseRegistrationPath, registrationList } from '../schema.ts'
import { type Caller, findCaller, operatorOnly, refuseOthers } from './caller.ts'
import { describeClient } from './describe.ts'

const fresh = { 'cache-control': 'no-store', pragma: 'no-cache' }

/** Tells about one client (RFC 7592 §2.1). */
export async function readRegistration(deps: OAuthDeps, request: FastifyRequest, reply: FastifyReply) {
  const caller = await findCaller(deps, request, 'okta.apps.read')
  const client = await getRegistered(deps, request, caller)
  return await reply.headers(fresh).send({ ...describeClient(client, request.org.url), ...echoToken(caller) })
}

/** Lists the org's clients page by page, oldest first, as Okta does. */
export async function listRegistrations(deps: OAuthDeps, request: FastifyRequest, reply: FastifyReply) {
  operatorOnly(await findCaller(deps, request, 'okta.apps.read'))
  const { org } = request
  const { q = '', after, limit } = parseInput(registrationList, request.query)
  const all = (await listClients(deps.db, org.id)).filter(({ name }) => name.toLowerCase().startsWith(q.toLowerCase()))
  const start = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1
  const page = all.slice(start, start + limit)
  const last = page.at(-1)
  const link = (query: Record<string, string>, rel: string) =>
    `<${org.url}${registrationPath}?${new URLSearchParams({ ...query, limit: String(limit), ...(q && { q }) })}>; rel="${rel}"`
  const links = [link(after === undefined ? {} : { after }, 'self')]
  if (last && start + limit < all.length) links.push(link({ after: last.id }, 'next'))
  return await reply
    .headers({ ...fresh, link: links.join(', ') })
    .send(page.map((client) => describeClient(client, org.url)))
}

/** The client of a request's path, for a caller who may see it. @throws {LatchkeyError} `registration_unknown` */
export async function getRegistered({ db }: OAuthDeps, request: FastifyRequest, caller: Caller): Promise<Client> {
  const id = parseRegistrationPath(request.params)
  refuseOthers(caller, id)
  const client = await findClient(db, request.org.id, id)
  if (!client) throw oauthErrors.registration_unknown()
  return client
}

/** RFC 7592 §3 wants the token in each answer; we keep only its hash, but whoever asks with it has it. */
export function echoToken(caller: Caller): { registration_access_token?: string } {
  return caller.kind === 'client' ? { registration_access_token: caller.token } : {}
}
