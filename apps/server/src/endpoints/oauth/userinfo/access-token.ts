import type { FastifyRequest } from 'fastify'
import { oauthErrors } from '../errors.ts'
import { parseOnce } from '../parameters.ts'
import { parseParameters } from '../schema.ts'

const shape = /^(bearer|dpop) +([\w.~+/=-]+) *$/i

/** An access token, and whether it is said to be bound to a key (RFC 9449 §7.1). */
export type PresentedToken = { token: string; isBound: boolean }

/**
 * Finds the access token of a request: in the header, or in the form (RFC 6750 §2.1, §2.2). In an address it would end
 * in logs and histories.
 *
 * @throws {LatchkeyError} `access_token_missing`, `access_token_in_query`, `access_token_duplicate`,
 * `duplicate_parameter`
 */
export function findAccessToken(request: FastifyRequest): PresentedToken {
  const query = parseParameters(request.query)
  if (query.values.access_token !== undefined || query.repeated.includes('access_token'))
    throw oauthErrors.access_token_in_query()
  const [, scheme, inHeader] = shape.exec(request.headers.authorization ?? '') ?? []
  const inForm = isForm(request) ? parseOnce(request.body).access_token : undefined
  if (inHeader !== undefined && inForm !== undefined) throw oauthErrors.access_token_duplicate()
  const token = inHeader ?? inForm
  if (token === undefined) throw oauthErrors.access_token_missing()
  return { token, isBound: scheme?.toLowerCase() === 'dpop' }
}

function isForm(request: FastifyRequest): boolean {
  return request.headers['content-type']?.toLowerCase().startsWith('application/x-www-form-urlencoded') ?? false
}
