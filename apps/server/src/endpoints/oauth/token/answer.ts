import type { FastifyReply, FastifyRequest } from 'fastify'
import type { IssuedTokens } from '../../../authorization/index.ts'
import { contextOf } from '../../../platform/http/index.ts'
import type { Client } from '../../../records/clients/index.ts'
import { authenticateRequest } from '../client-authentication/index.ts'
import { findProofKey } from '../dpop/proof.ts'
import { oauthErrors } from '../errors.ts'
import type { OAuthDeps } from '../house.ts'
import { endpointUrl, issuerOf } from '../issuers.ts'
import { refuseForeignOrigin } from '../origins.ts'
import { type GrantType, grantTypeNames, grantTypes } from './grant-types/index.ts'

/** Answers a token request: who asks, in which way, and what for. */
export async function answerTokenRequest(deps: OAuthDeps, request: FastifyRequest, reply: FastifyReply) {
  const issuer = await issuerOf(deps, request)
  const { client, values } = await authenticateRequest(deps, issuer, request)
  await refuseForeignOrigin(deps, request, client)
  const grantType = findGrantType(values.grant_type, client)
  const proven = { url: endpointUrl(issuer, 'token'), isNonceRequired: true }
  const jkt = await findProofKey(deps, request, reply, proven)
  const tokens = await grantType.redeem(deps, { issuer, client, values, jkt, context: contextOf(request) })
  return await reply.headers({ 'cache-control': 'no-store', pragma: 'no-cache' }).send(describeTokens(tokens))
}

function findGrantType(name: string | undefined, client: Client): GrantType {
  if (name === undefined)
    throw oauthErrors.grant_type_missing({
      message: configured(oauthErrors.declared.grant_type_missing.message, grantTypeNames),
    })
  const grantType = grantTypes.find((known) => known.name === name)
  if (!grantType)
    throw oauthErrors.grant_type_unsupported({
      message: configured(oauthErrors.declared.grant_type_unsupported.message, grantTypeNames),
    })
  if (!client.grantTypes.includes(name))
    throw oauthErrors.grant_type_not_allowed({
      message: configured(oauthErrors.declared.grant_type_not_allowed.message, client.grantTypes),
    })
  return grantType
}

const configured = (message: string, names: readonly string[]) =>
  `${message} Configured grant types: [${names.join(', ')}].`

/** RFC 6749 §5.1. */
function describeTokens({ accessToken, isBound, expiresInMs, scopes, idToken, refreshToken }: IssuedTokens) {
  return {
    token_type: isBound ? 'DPoP' : 'Bearer',
    expires_in: Math.floor(expiresInMs / 1000),
    access_token: accessToken,
    scope: scopes.join(' '),
    ...(refreshToken !== undefined && { refresh_token: refreshToken }),
    ...(idToken !== undefined && { id_token: idToken }),
  }
}
