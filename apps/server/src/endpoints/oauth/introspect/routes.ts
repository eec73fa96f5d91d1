import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { findLiveToken } from '../../../authorization/index.ts'
import { auditing } from '../callers.ts'
import { authenticateRequest } from '../client-authentication/index.ts'
import { oauthErrors } from '../errors.ts'
import type { OAuthDeps } from '../house.ts'
import { bases, issuerOf } from '../issuers.ts'
import { allowKnownOrigins, answerPreflight } from '../origins.ts'
import { formOnly } from '../parameters.ts'
import { describeLiveToken } from './describe.ts'

const config = { audience: 'oauth', refusal: 'token.refused' } as const

export function mountIntrospect(app: FastifyInstance, deps: OAuthDeps): void {
  const cors = allowKnownOrigins(deps)
  for (const base of bases) {
    const url = `${base}/introspect`
    app.post(url, { config, onRequest: [cors, formOnly] }, auditing(deps, answerIntrospection))
    app.options(url, { config, onRequest: cors }, answerPreflight)
  }
}

/**
 * Tells a client what one of its tokens is worth (RFC 7662). The hint is not needed: a token of ours shows what it is.
 */
async function answerIntrospection(deps: OAuthDeps, request: FastifyRequest, reply: FastifyReply) {
  const issuer = await issuerOf(deps, request)
  const { client, values } = await authenticateRequest(deps, issuer, request)
  if (values.token === undefined) throw oauthErrors.token_missing()
  const live = await findLiveToken(deps, issuer, client, values.token)
  return await reply
    .headers({ 'cache-control': 'no-store', pragma: 'no-cache' })
    .send(live ? describeLiveToken(live) : { active: false })
}
