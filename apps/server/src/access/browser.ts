import type { FastifyReply, FastifyRequest } from 'fastify'
import { hashSecret } from '../platform/hash.ts'
import { readCookie, serializeCookie } from '../platform/http/index.ts'
import { newSecret } from '../platform/ids.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The browser's own secret once it was read or made in this request. */
    browserSecret?: string
  }
}

/**
 * Names the browser that a transaction is bound to, by a random cookie of its own.
 *
 * Without the binding a stolen or planted handle would sign the victim's browser in as somebody else (login CSRF).
 */
export function bindBrowser(request: FastifyRequest, reply: FastifyReply): string {
  const known = secretOf(request)
  if (known) return boundTo(known)
  const secret = newSecret()
  request.browserSecret = secret
  void reply.header('set-cookie', serializeCookie('browser', secret, { secure: isSecure(request) }))
  return boundTo(secret)
}

/** Tells which browser asks, when it carries its cookie. */
export function browserOf(request: FastifyRequest): string | undefined {
  const secret = secretOf(request)
  return secret && boundTo(secret)
}

/** The browser's secret, for deriving CSRF tokens. */
export function secretOf(request: FastifyRequest): string | undefined {
  return request.browserSecret ?? readCookie(request.headers.cookie, 'browser', isSecure(request))
}

export function isSecure(request: FastifyRequest): boolean {
  return request.org.url.startsWith('https:')
}

const boundTo = (secret: string) => `browser:${hashSecret(secret)}`
