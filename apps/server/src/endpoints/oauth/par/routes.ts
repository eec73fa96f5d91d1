import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { checks } from '../authorize/checks.ts'
import { keepPushedRequest, pushedLifetimeMs } from '../authorize/pushed-request.ts'
import { resolveParameters } from '../authorize/resolve.ts'
import { trustRedirect } from '../authorize/trust.ts'
import { auditing } from '../callers.ts'
import { authenticateRequest } from '../client-authentication/index.ts'
import { findProofKey } from '../dpop/proof.ts'
import { oauthErrors } from '../errors.ts'
import type { OAuthDeps } from '../house.ts'
import { bases, endpointUrl, issuerOf } from '../issuers.ts'
import { allowKnownOrigins, answerPreflight } from '../origins.ts'
import { formOnly } from '../parameters.ts'

const config = { audience: 'oauth', refusal: 'authorize.refused' } as const

export function mountPar(app: FastifyInstance, deps: OAuthDeps): void {
  const cors = allowKnownOrigins(deps)
  for (const base of bases) {
    const url = `${base}/par`
    app.post(url, { config, onRequest: [cors, formOnly] }, auditing(deps, pushRequest))
    app.options(url, { config, onRequest: cors }, answerPreflight)
  }
}

/** How the client proved itself is no part of what it asks for. */
const credentials = new Set(['client_secret', 'client_assertion', 'client_assertion_type', 'client_id'])

/**
 * Takes an authorization request from its client itself, behind the browser's back (RFC 9126). It is checked now, as
 * the authorization endpoint would, and again when the browser comes: the client may have been changed by then.
 */
async function pushRequest(deps: OAuthDeps, request: FastifyRequest, reply: FastifyReply) {
  const issuer = await issuerOf(deps, request)
  const { client, values } = await authenticateRequest(deps, issuer, request)
  if (values.request_uri !== undefined) throw oauthErrors.pushed_request_uri()
  const own = Object.fromEntries(Object.entries(values).filter(([name]) => !credentials.has(name)))
  const given = { values: { ...own, client_id: client.id }, repeated: [] }
  const parameters = await resolveParameters(deps, issuer, given)
  const proven = { url: endpointUrl(issuer, 'par'), isNonceRequired: true }
  const jkt = await findProofKey(deps, request, reply, proven)
  const asked = await trustRedirect(deps, issuer, parameters)
  for (const check of checks) check(asked)
  // Two ways to name the key (RFC 9449 §10.1) that name two are one too many.
  const named = parameters.values.dpop_jkt
  if (jkt !== undefined && named !== undefined && named !== jkt) throw oauthErrors.dpop_key_mismatch()
  const bound = jkt === undefined ? {} : { dpop_jkt: jkt }
  const requestUri = await keepPushedRequest(deps, issuer, client, { ...parameters.values, ...bound })
  return await reply
    .status(201)
    .headers({ 'cache-control': 'no-store', pragma: 'no-cache' })
    .send({ request_uri: requestUri, expires_in: pushedLifetimeMs / 1000 })
}
