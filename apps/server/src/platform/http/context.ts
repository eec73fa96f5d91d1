import type { FastifyRequest } from 'fastify'

/** Where a request came from, for the audit trail. */
export type RequestContext = { requestId: string; ip: string; userAgent?: string }

/** Tells where a request came from; the address is the peer's unless a trusted proxy says otherwise. */
export function contextOf(request: FastifyRequest): RequestContext {
  const userAgent = request.headers['user-agent']?.slice(0, 400)
  return { requestId: request.id, ip: request.ip, ...(userAgent !== undefined && { userAgent }) }
}
