import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import {
  authenticateApiToken,
  type CurrentOrg,
  type Permission,
  type Principal,
  refuseUnlessAllowed,
} from '../../access/index.ts'
import type { Change } from '../../directory/index.ts'
import { contextOf } from '../../platform/http/index.ts'
import { managementErrors } from './errors.ts'
import type { House } from './house.ts'
import { openRateLimit, stamp } from './rate-limit.ts'

/** One request of somebody who may make it. */
export type Call = {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly org: CurrentOrg
  readonly principal: Principal
  /** What the directory is told of a change that comes of it. */
  readonly change: Change
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'
/** What a call is answered with; nothing is 204. */
export type Handler = (house: House, call: Call) => Promise<object | undefined>
export type Route = readonly [method: Method, url: string, permission: Permission, handler: Handler]

/** Mounts a table of routes: each authenticates, is counted, and asks for its permission before anything else. */
export function mountRoutes(app: FastifyInstance, house: House, routes: readonly Route[]): void {
  const rateLimit = openRateLimit(house.now)
  for (const [method, url, permission, handle] of routes) {
    const resource = url.split('/')[3] ?? ''
    app.route({
      method,
      url,
      config: { audience: 'okta' },
      // Before the body is read: a stranger's is none of our business.
      preParsing: async (request, reply) => {
        const principal = await authenticateApiToken(house, request)
        const rate = rateLimit(request.org.id, resource)
        stamp(request, reply, rate)
        if (rate.isOver) throw tooMany(rate.resetsAt - house.now())
        refuseUnlessAllowed(principal, permission)
        request.principal = principal
      },
      handler: async (request, reply) => {
        const answer = await handle(house, callOf(house, request, reply))
        return answer === undefined ? reply.status(204).send() : answer
      },
    })
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls the management API, once they are known. */
    principal?: Principal
  }
}

function callOf({ now }: House, request: FastifyRequest, reply: FastifyReply): Call {
  const { org, principal } = request
  if (!principal) throw new Error('a handler was reached without a principal')
  const { tokenId: id, tokenName: name, userId } = principal
  const by = { type: 'api-token', id, name, userId } as const
  return { request, reply, org, principal, change: { org: org.id, at: now(), by, context: contextOf(request) } }
}

function tooMany(waitMs: number) {
  return managementErrors.rate_limit_reached({ details: { retryAfter: Math.ceil(waitMs / 1_000) } })
}
