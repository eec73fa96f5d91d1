import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { revokePresentedToken } from '../../../authorization/index.ts'
import { contextOf } from '../../../platform/http/index.ts'
import { auditing } from '../callers.ts'
import { authenticateRequest } from '../client-authentication/index.ts'
import { oauthErrors } from '../errors.ts'
import type { OAuthDeps } from '../house.ts'
import { bases, issuerOf } from '../issuers.ts'
import { allowKnownOrigins, answerPreflight } from '../origins.ts'
import { formOnly } from '../parameters.ts'

const config = { audience: 'oauth', refusal: 'token.refused' } as const

export function mountRevoke(app: FastifyInstance, deps: OAuthDeps): void {
  const cors = allowKnownOrigins(deps)
  for (const base of bases) {
    const url = `${base}/revoke`
    app.post(url, { config, onRequest: [cors, formOnly] }, auditing(deps, answerRevocation))
    app.options(url, { config, onRequest: cors }, answerPreflight)
  }
}

/** Ends a client's own token (RFC 7009). An unknown one has ended: that is not an error (§2.2). */
async function answerRevocation(deps: OAuthDeps, request: FastifyRequest, reply: FastifyReply) {
  const issuer = await issuerOf(deps, request)
  const { client, values } = await authenticateRequest(deps, issuer, request)
  if (values.token === undefined) throw oauthErrors.token_missing()
  await revokePresentedToken(deps, issuer, { client, value: values.token, context: contextOf(request) })
  return await reply.status(200).headers({ 'cache-control': 'no-store', pragma: 'no-cache' }).send()
}
