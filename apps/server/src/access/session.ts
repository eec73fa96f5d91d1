import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Ground } from '../platform/ground.ts'
import { readCookie, serializeCookie } from '../platform/http/index.ts'
import { findSessionByToken, type Session, touchSession } from '../records/sessions/index.ts'
import { isSecure } from './browser.ts'

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

/** Hands the browser its session. */
export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, token: string): void {
  void reply.header('set-cookie', serializeCookie('session', token, { secure: isSecure(request) }))
}

/** Takes the session cookie from the browser. */
export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  void reply.header('set-cookie', serializeCookie('session', '', { secure: isSecure(request), maxAgeMs: 0 }))
}
