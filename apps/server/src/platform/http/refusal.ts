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
}

/** Turns anything thrown into one of ours: what nobody declared is `internal`, and its cause stays private. */
export function asLatchkeyError(thrown: unknown): LatchkeyError {
  if (thrown instanceof LatchkeyError) return thrown
  const code = typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, 'code') : undefined
  const known = typeof code === 'string' ? frameworkCodes[code] : undefined
  return known?.() ?? httpErrors.internal({ cause: thrown })
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
