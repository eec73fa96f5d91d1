import type { FastifyRequest } from 'fastify'
import { foreignAlgorithms } from '../../authorization/index.ts'
import type { LatchkeyError } from '../../platform/errors.ts'
import type { RenderError } from '../../platform/http/index.ts'
import { oauthNameOf } from './errors.ts'

/** What RFC 6749 §5.2 says of a refusal. */
export function describeError(error: LatchkeyError): { error: string; error_description: string } {
  // RFC 6749 allows neither quotation marks nor backslashes nor anything beyond ASCII here.
  const description = error.message.replaceAll('"', "'").replace(/[^\x20-\x7e]|\\/g, ' ')
  return { error: oauthNameOf(error), error_description: description }
}

/** Refusals of the token endpoint and its kin. */
export const renderOAuthError: RenderError = (error, request, reply) => {
  if (error.status === 401 && request.headers.authorization !== undefined)
    reply.header('www-authenticate', `Basic realm="${realmOf(request)}", charset="UTF-8"`)
  return reply
    .status(error.status)
    .headers({ 'cache-control': 'no-store', pragma: 'no-cache' })
    .send(describeError(error))
}

/** Refusals of what an access token opens (RFC 6750 §3), with the members that Okta's SDK reads. */
export const renderBearerError: RenderError = (error, request, reply) => {
  const { error: name, error_description: description } = describeError(error)
  const [path = ''] = request.url.replace(/["\\]/g, '').split('?')
  const attributes = {
    authorization_uri: `${realmOf(request)}${path.replace(/userinfo$/, 'authorize')}`,
    realm: realmOf(request),
    scope: 'openid',
    // Who brought no token has not done anything wrong yet: RFC 6750 §3.1 wants no error code then.
    ...(error.code !== 'access_token_missing' && { error: name, error_description: description }),
    resource: path,
  }
  const challenge = Object.entries(attributes).map(([key, value]) => `${key}="${value}"`)
  const isProof = error.code.startsWith('dpop_')
  // RFC 9449 §7.1: whoever shows a proof is told which ones would do, and with 401 whatever is wrong with it.
  const scheme = isProof ? `DPoP algs="${foreignAlgorithms.join(' ')}", ` : 'Bearer '
  if (error.status < 500) reply.header('www-authenticate', `${scheme}${challenge.join(', ')}`)
  return reply
    .status(isProof ? 401 : error.status)
    .header('cache-control', 'no-store')
    .send(describeError(error))
}

/** The org's address; empty where the request was refused before its org was known. */
function realmOf(request: Partial<Pick<FastifyRequest, 'org'>>): string {
  return request.org?.url ?? ''
}
