import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Ground } from '../platform/ground.ts'
import { readCookie, serializeCookie } from '../platform/http/index.ts'
import { findSessionByToken, type Session, touchSession } from '../records/sessions/index.ts'
import { isSecure } from './browser.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** What this request proved, once it began a session or strengthened one: the name of the step. */
    provenBy?: string
  }
}

/** Finds the session of the browser that asks, and notes that it was seen. */
export async function findCurrentSession(
  { db, now }: Pick<Ground, 'db' | 'now'>,
  request: FastifyRequest,
): Promise<Session | undefined> {
  const token = readCookie(request.headers.cookie, 'session', isSecure(request))
  if (!token) return undefined
  const at = now()
  const session = await findSessionByToken(db, request.org.id, token, at)
  if (session) await touchSession(db, request.org.id, session, at)
  return session
}

/** Hands the browser the session that a proof gave it, and marks the request as the one that did. */
export function setSessionCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  { token, provenBy }: { token: string; provenBy: string },
): void {
  request.provenBy = provenBy
  void reply.header('set-cookie', serializeCookie('session', token, { secure: isSecure(request) }))
}

/** Takes the session cookie from the browser. */
export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  void reply.header('set-cookie', serializeCookie('session', '', { secure: isSecure(request), maxAgeMs: 0 }))
}
