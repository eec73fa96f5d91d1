import type { FastifyReply, FastifyRequest } from 'fastify'
import { browserOf, findCurrentSession } from '../../../access/index.ts'
import { isRegisteredRedirectUri } from '../../../records/clients/index.ts'
import { takeOutcome } from '../../../sign-in/index.ts'
import { noteCaller } from '../callers.ts'
import { oauthErrors } from '../errors.ts'
import type { OAuthDeps } from '../house.ts'
import { findIssuer } from '../issuers.ts'
import { parseOnce } from '../parameters.ts'
import { denialOf } from './denial.ts'
import { answerAt, respondWithCode, type Target } from './respond.ts'
import { type AuthorizationRequest, authorizationRequest } from './schema.ts'
import { authorize } from './start.ts'

/** Goes on with an authorization request when its sign-in is over. */
export async function resumeAuthorization(deps: OAuthDeps, request: FastifyRequest, reply: FastifyReply) {
  const { org } = request
  const { stateToken = '' } = parseOnce(request.query)
  const { outcome, transaction } = await takeOutcome(deps, org, stateToken, browserOf(request))
  const wanted = authorizationRequest.parse(transaction.state.request.continuation)
  const asked = await trustAgain(deps, request, wanted)
  noteCaller(request, { clientId: wanted.clientId })
  const target: Target = { ...wanted, state: wanted.state, issuer: asked.issuer.url }
  answerAt(request, target)

  if (outcome.kind === 'denied') throw denialOf(outcome)
  const session = await findCurrentSession(deps, request)
  // It was ended while the last page was open, or this browser signed in as somebody else meanwhile.
  if (session?.id !== outcome.sessionId) throw oauthErrors.session_ended()
  const code = await authorize(deps, request, { asked, wanted, session })
  return respondWithCode(reply, target, code)
}

/** The client may have been changed while the person signed in: it still has to be the redirect URI's owner. */
async function trustAgain(
  deps: OAuthDeps,
  { org }: FastifyRequest,
  { serverId, clientId, redirectUri }: AuthorizationRequest,
) {
  const issuer = await findIssuer(deps.cache, org, serverId)
  const client = await deps.cache.client(org, clientId)
  if (client?.status !== 'active') throw oauthErrors.client_not_active()
  if (!isRegisteredRedirectUri(client, redirectUri)) throw oauthErrors.redirect_uri_not_registered()
  return { issuer, client }
}
