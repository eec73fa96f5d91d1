import type { FastifyRequest } from 'fastify'
import { httpErrors } from '../../platform/http/index.ts'
import { oauthErrors } from './errors.ts'
import { parseParameters } from './schema.ts'

/** Refuses a body that is not a form before it is read (RFC 6749 §3.2). @throws {LatchkeyError} `unsupported_media_type` */
export async function formOnly(request: FastifyRequest): Promise<void> {
  if (request.method === 'GET' || request.method === 'HEAD') return
  if (mediaTypeOf(request) !== 'application/x-www-form-urlencoded') throw httpErrors.unsupported_media_type()
}

/** Refuses a body that is not JSON before it is read (RFC 7591 §3.1). @throws {LatchkeyError} `unsupported_media_type` */
export async function jsonOnly(request: FastifyRequest): Promise<void> {
  if (mediaTypeOf(request) !== 'application/json') throw httpErrors.unsupported_media_type()
}

function mediaTypeOf({ headers }: FastifyRequest): string {
  const [type = ''] = (headers['content-type'] ?? '').split(';')
  return type.trim().toLowerCase()
}

/** The parameters of a request, each of which came once. @throws {LatchkeyError} `duplicate_parameter` */
export function parseOnce(input: unknown): Readonly<Record<string, string>> {
  const { values, repeated } = parseParameters(input)
  if (repeated.length > 0) throw oauthErrors.duplicate_parameter({ details: { parameters: repeated } })
  return values
}
