import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { accessErrors, clearSessionCookie, findCurrentSession } from '../../access/index.ts'
import { endSessionWithGrants } from '../../directory/index.ts'
import { inTransaction } from '../../platform/database/index.ts'
import { contextOf } from '../../platform/http/index.ts'
import { findSession, type Session } from '../../records/sessions/index.ts'
import { canSignIn, findUser, type User } from '../../records/users/index.ts'
import { notFound } from './errors.ts'
import type { House } from './house.ts'
import { refuseBody } from './parse.ts'
import { fullRate, stamp } from './rate-limit.ts'
import { sessionOf } from './session-view.ts'

const url = '/api/v1/sessions/me'

/**
 * Mounts what a browser may ask about its own session, by its cookie: from our own pages and from those of origins
 * that the org trusts.
 */
export function mountOwnSession(app: FastifyInstance, house: House): void {
  const config = { audience: 'okta' }
  const onRequest = async (request: FastifyRequest, reply: FastifyReply) => {
    stamp(request, reply, fullRate(house.now()))
    await allowTrustedOrigin(house, request, reply)
  }
  const preflight = async (_request: FastifyRequest, reply: FastifyReply) => reply.status(204).send()
  for (const path of [url, `${url}/lifecycle/refresh`]) app.options(path, { config, onRequest }, preflight)

  app.get(url, { config, onRequest }, async (request) => show(request, await own(house, request)))
  app.post(`${url}/lifecycle/refresh`, { config, onRequest }, async (request) => {
    await refuseForeign(house, request)
    refuseBody(request.body)
    // Finding it has noted that it was used; that is what refreshing means.
    const { session, user } = await own(house, request)
    const now = await findSession(house.db, request.org.id, session.id, house.now())
    return show(request, { session: now ?? session, user })
  })
  app.delete(url, { config, onRequest }, async (request, reply) => {
    await refuseForeign(house, request)
    const { session } = await own(house, request)
    const ending = { at: house.now(), context: contextOf(request) }
    await inTransaction(house.db, (tx) => endSessionWithGrants(tx, request.org.id, session.id, ending))
    clearSessionCookie(request, reply)
    return reply.status(204).send()
  })
}

type Own = { readonly session: Session; readonly user: User }

function show({ org }: FastifyRequest, { session, user }: Own): object {
  return sessionOf(org, session, user, 'me')
}

async function own(house: House, request: FastifyRequest): Promise<Own> {
  const session = await findCurrentSession(house, request)
  const user = session && (await findUser(house.db, request.org.id, session.userId))
  if (!session || !user || !canSignIn(user.status)) throw notFound('me', 'Session')
  return { session, user }
}

async function isTrusted({ cache }: House, { org }: FastifyRequest, origin: string): Promise<boolean> {
  const trusted = await cache.trustedOrigins(org)
  return trusted.some((one) => one.origin === origin && one.scopes.includes('CORS'))
}

async function allowTrustedOrigin(house: House, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { origin } = request.headers
  reply.header('vary', 'Origin')
  if (origin === undefined || !(await isTrusted(house, request, origin))) return
  reply.headers({
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-allow-methods': 'GET, POST, DELETE, OPTIONS',
    'access-control-allow-headers': 'accept, content-type, x-okta-user-agent-extended, x-okta-xsrftoken',
    'access-control-expose-headers': 'date, link, x-okta-request-id, x-latchkey-error',
    'access-control-max-age': '600',
    'cross-origin-resource-policy': 'cross-origin',
  })
}

/**
 * A session is neither ended nor prolonged by a page of strangers; browsers say where such a request comes from.
 *
 * @throws {LatchkeyError} `cross_site_request`
 */
async function refuseForeign(house: House, request: FastifyRequest): Promise<void> {
  const { origin } = request.headers
  const isKnown = origin !== undefined && (origin === request.org.url || (await isTrusted(house, request, origin)))
  if (!isKnown || request.headers['sec-fetch-site'] === 'cross-site') throw accessErrors.cross_site_request()
}
