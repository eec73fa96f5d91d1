import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import {
  claimsByName,
  claimsOfRules,
  claimsOfScopes,
  type Issuer,
  loadFacts,
  verifyAccessToken,
} from '../../../authorization/index.ts'
import { auditing, noteCaller } from '../callers.ts'
import { findProofKey } from '../dpop/proof.ts'
import { oauthErrors } from '../errors.ts'
import type { OAuthDeps } from '../house.ts'
import { bases, endpointUrl, issuerOf } from '../issuers.ts'
import { allowKnownOrigins, answerPreflight } from '../origins.ts'
import { findAccessToken, type PresentedToken } from './access-token.ts'

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
  const { token, isBound } = findAccessToken(request)
  const { claims, client, grant, user } = await verifyAccessToken(deps, issuer, token)
  noteCaller(request, { clientId: client.id, ...(user && { userId: user.id }) })
  await refuseStolen(deps, { request, reply, issuer, token, isBound, jkt: claims.cnf?.jkt })
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

type Shown = PresentedToken & {
  request: FastifyRequest
  reply: FastifyReply
  issuer: Issuer
  /** The key that the token is bound to. */
  jkt: string | undefined
}

/** A bound token is good only with a proof by its key; one that is not bound gains nothing by a proof (RFC 9449 §7). */
async function refuseStolen(deps: OAuthDeps, { request, reply, issuer, token, isBound, jkt }: Shown): Promise<void> {
  if (!isBound && jkt !== undefined) throw oauthErrors.dpop_scheme_required()
  if (!isBound) return
  if (jkt === undefined) throw oauthErrors.dpop_token_unbound()
  const proven = { url: endpointUrl(issuer, 'userinfo'), accessToken: token, isNonceRequired: false }
  const shown = await findProofKey(deps, request, reply, proven)
  if (shown === undefined) throw oauthErrors.dpop_proof_missing()
  if (shown !== jkt) throw oauthErrors.dpop_key_mismatch()
}
