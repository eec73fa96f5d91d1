import type { FastifyReply, FastifyRequest } from 'fastify'
import type { CurrentOrg } from '../../access/index.ts'
import { type Client, isClientOrigin, listClients } from '../../records/clients/index.ts'
import { createOrgCache } from '../../records/orgs/index.ts'
import type { TrustedOrigin } from '../../records/trusted-origins/index.ts'
import { oauthErrors } from './errors.ts'
import type { House } from './house.ts'

/** The origins whose pages may read our answers: trusted ones, and those of any client's redirect URIs. */
export type OriginList = { includes(org: CurrentOrg, origin: string): Promise<boolean> }

export function openOriginList({ db, cache }: Pick<House, 'db' | 'cache'>): OriginList {
  const lists = createOrgCache()
  const load = async (org: CurrentOrg) => {
    const [clients, trusted] = await Promise.all([listClients(db, org.id), cache.trustedOrigins(org)])
    const ofClients = clients.flatMap(({ redirectUris }) => redirectUris.map((uri) => URL.parse(uri)?.origin))
    const known = [...ofClients, ...trusted.filter(allowsCors).map(({ origin }) => origin)]
    // A private-use scheme has the opaque origin `null`, which any sandboxed page can claim.
    return new Set(known.filter((origin) => origin !== undefined && origin !== 'null'))
  }
  return {
    includes: async (org, origin) => (await lists.get(org, 'origins', () => load(org))).has(origin),
  }
}

const allowsCors = ({ scopes }: TrustedOrigin) => scopes.includes('CORS')

const allowed = {
  'access-control-allow-methods': 'GET, POST, OPTIONS',
  'access-control-allow-headers':
    'accept, accept-language, authorization, content-type, dpop, x-device-fingerprint, x-okta-user-agent-extended, x-okta-xsrftoken',
  'access-control-expose-headers': 'date, dpop-nonce, link, www-authenticate, x-latchkey-error, x-request-id',
  'access-control-max-age': '600',
} as const

/** Lets the pages of any origin read the answer: it is the same for everyone. */
export async function allowAnyOrigin(_request: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.headers({ ...allowed, 'access-control-allow-origin': '*' })
}

/** Lets the pages of known origins read the answer, refusals included. */
export function allowKnownOrigins({ origins }: { origins: OriginList }) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    reply.header('vary', 'Origin')
    const { origin } = request.headers
    if (origin === undefined || !(await origins.includes(request.org, origin))) return
    reply.headers({
      ...allowed,
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
    })
  }
}

/** Answers a preflight; what it may then do, the headers of the hooks above say. */
export async function answerPreflight(_request: FastifyRequest, reply: FastifyReply): Promise<void> {
  await reply.status(204).send()
}

/**
 * Refuses a browser's request to the token endpoint from a page that is not the client's: a code or a refresh token in
 * the hands of another site's script has been stolen.
 *
 * @throws {LatchkeyError} `origin_not_allowed`
 */
export async function refuseForeignOrigin({ cache }: House, request: FastifyRequest, client: Client): Promise<void> {
  const { origin } = request.headers
  if (origin === undefined || origin === request.org.url || isClientOrigin(client, origin)) return
  const trusted = await cache.trustedOrigins(request.org)
  if (!trusted.some((known) => known.origin === origin && allowsCors(known))) throw oauthErrors.origin_not_allowed()
}
