import type { FastifyReply, FastifyRequest } from 'fastify'
import { LatchkeyError } from '../errors.ts'
import { httpErrors } from './errors.ts'

/** What fastify itself refuses, in our words. */
const frameworkCodes: Readonly<Record<string, () => LatchkeyError>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () => httpErrors.unsupported_media_type(),
  FST_ERR_CTP_BODY_TOO_LARGE: () => httpErrors.body_too_large(),
  FST_ERR_CTP_EMPTY_JSON_BODY: () => httpErrors.malformed_json(),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () => httpErrors.malformed_request(),
  FST_ERR_CTP_INVALID_JSON_BODY: () => httpErrors.malformed_json(),
  FST_ERR_BAD_URL: () => httpErrors.malformed_request(),
  FST_ERR_MAX_URL_LENGTH: () => httpErrors.malformed_request(),
  // No id of ours is that long.
  FST_ERR_MAX_PARAM_LENGTH: () => httpErrors.not_found(),
}

/** Turns anything thrown into one of ours: what nobody declared is `internal`, and its cause stays private. */
export function asLatchkeyError(thrown: unknown): LatchkeyError {
  if (thrown instanceof LatchkeyError) return thrown
  const code = typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, 'code') : undefined
  const known = typeof code === 'string' ? frameworkCodes[code] : undefined
  if (known) return known()
  return isFrameworkRefusal(code, thrown) ? httpErrors.malformed_request() : httpErrors.internal({ cause: thrown })
}

/** What a newer framework may come to refuse is the sender's mistake all the same. */
function isFrameworkRefusal(code: unknown, thrown: unknown): boolean {
  if (typeof code !== 'string' || !code.startsWith('FST_ERR_')) return false
  const status: unknown = Reflect.get(Object(thrown), 'statusCode')
  return typeof status === 'number' && status >= 400 && status < 500
}

/** Writes a refusal as problem+json (RFC 9457) with our code as a member of its own. */
export function renderProblem(error: LatchkeyError, request: FastifyRequest, reply: FastifyReply) {
  const { retryAfter: _, ...details } = error.details
  return reply
    .status(error.status)
    .header('cache-control', 'no-store')
    .type('application/problem+json')
    .send({ status: error.status, code: error.code, title: error.message, requestId: request.id, ...details })
}
