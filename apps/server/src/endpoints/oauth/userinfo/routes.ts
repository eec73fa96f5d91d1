import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import {
  claimsByName,
  claimsOfRules,
  claimsOfScopes,
  loadFacts,
  verifyAccessToken,
} from '../../../authorization/index.ts'
import { auditing, noteCaller } from '../callers.ts'
import { oauthErrors } from '../errors.ts'
import type { OAuthDeps } from '../house.ts'
import { bases, issuerOf } from '../issuers.ts'
import { allowKnownOrigins, answerPreflight } from '../origins.ts'
import { findAccessToken } from './access-token.ts'

const config = { audience: 'bearer', refusal: 'token.refused' } as const

export function mountUserinfo(app: FastifyInstance, deps: OAuthDeps): void {
  const cors = allowKnownOrigins(deps)
  for (const base of bases) {
    const url = `${base}/userinfo`
    for (const method of ['GET', 'POST'] as const)
      app.route({
        method,
        url,
        config,
        onRequest: cors,
        handler: auditing(deps, answerUserinfo),
      })
    app.options(url, { config, onRequest: cors }, answerPreflight)
  }
}

/** Tells a client about the user that its access token is for (OpenID Connect Core §5.3). */
async function answerUserinfo(deps: OAuthDeps, request: FastifyRequest, reply: FastifyReply) {
  const issuer = await issuerOf(deps, request)
  const { claims, client, grant, user } = await verifyAccessToken(deps, issuer, findAccessToken(request))
  noteCaller(request, { clientId: client.id, ...(user && { userId: user.id }) })
  if (!user || !claims.scp.includes('openid')) throw oauthErrors.insufficient_scope()
  const { userinfo: names = [] } = grant.details.claims ?? {}
  const facts = await loadFacts(deps, issuer, user, claims.scp, names)
  return await reply.header('cache-control', 'no-store').send({
    ...claimsByName(names, facts),
    ...claimsOfScopes(claims.scp, facts),
    ...claimsOfRules(issuer.server.claims, 'userinfo', claims.scp, facts),
    sub: user.id,
  })
}
