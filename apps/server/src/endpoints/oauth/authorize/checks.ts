import { isPkceChallenge } from '../../../authorization/index.ts'
import { isPublicClient } from '../../../records/clients/index.ts'
import { oauthErrors } from '../errors.ts'
import { refuseForbiddenScopes, refuseScopeNames, refuseUnknownScopes } from '../scopes.ts'
import { type Asked, askedContexts, askedPrompts, askedScopes } from './asked.ts'
import { isContextEssential } from './claims.ts'
import { parseClaims, responseModes } from './schema.ts'

/** Throws what is wrong with a request, or does nothing. */
export type Check = (asked: Asked) => void

/**
 * What every authorization request goes through, in this order, once its redirect URI is trusted. What a check refuses
 * is told to the client there.
 */
export const checks: readonly Check[] = [
  parametersOnce,
  registration,
  responseType,
  responseMode,
  grantType,
  scopeNames,
  scopeOfServer,
  scopeOfClient,
  scopeOpenid,
  pkceMethod,
  pkceChallenge,
  prompt,
  maxAge,
  claimsParameter,
  keyThumbprint,
]

function parametersOnce({ repeated }: Asked): void {
  if (repeated.length > 0) throw oauthErrors.duplicate_parameter({ details: { parameters: repeated } })
}

/** OpenID Connect Core §7.2.1: refused by name, for what was in it would silently not count. */
function registration({ values }: Asked): void {
  if (values.registration !== undefined) throw oauthErrors.registration_unsupported()
}

function responseType({ values, client }: Asked): void {
  if (values.response_type === undefined) throw oauthErrors.response_type_missing()
  if (values.response_type !== 'code') throw oauthErrors.response_type_unsupported()
  if (!client.responseTypes.includes('code')) throw oauthErrors.response_type_not_allowed()
}

function responseMode({ values }: Asked): void {
  const mode = values.response_mode
  if (mode !== undefined && !responseModes.some((known) => known === mode))
    throw oauthErrors.response_mode_unsupported()
}

function grantType({ client }: Asked): void {
  if (!client.grantTypes.includes('authorization_code')) throw oauthErrors.grant_type_not_allowed()
}

function scopeNames(asked: Asked): void {
  refuseScopeNames(askedScopes(asked))
}

function scopeOfServer(asked: Asked): void {
  refuseUnknownScopes(asked.issuer, askedScopes(asked))
}

function scopeOfClient(asked: Asked): void {
  refuseForbiddenScopes(asked.client, askedScopes(asked))
}

const openidScopes = new Set(['profile', 'email', 'address', 'phone'])

function scopeOpenid(asked: Asked): void {
  const scopes = askedScopes(asked)
  if (!scopes.includes('openid') && scopes.some((scope) => openidScopes.has(scope)))
    throw oauthErrors.openid_scope_required()
}

/** RFC 7636 §4.3: a challenge without a method would be `plain`, which protects from nobody who sees the request. */
function pkceMethod({ values }: Asked): void {
  const method = values.code_challenge_method
  if (values.code_challenge === undefined ? method !== undefined && method !== 'S256' : method !== 'S256')
    throw oauthErrors.pkce_method_unsupported()
}

/** A public client has nothing else that ties the code to it, whatever its registration says (RFC 9700 §2.1.1). */
function pkceChallenge({ values, client }: Asked): void {
  const { code_challenge: challenge, code_challenge_method: method } = values
  if (challenge !== undefined) {
    if (!isPkceChallenge(challenge)) throw oauthErrors.pkce_challenge_malformed()
  } else if (client.requirePkce || isPublicClient(client) || method !== undefined) {
    throw oauthErrors.pkce_challenge_required()
  }
}

export const prompts = ['none', 'login', 'consent', 'create'] as const

/** OpenID Connect Core §3.1.2.1: `none` stands alone. */
function prompt(asked: Asked): void {
  const asks = askedPrompts(asked)
  const isKnown = asks.every((one) => prompts.some((known) => known === one))
  if (!isKnown || (asks.includes('none') && asks.length > 1)) throw oauthErrors.prompt_invalid()
}

function maxAge({ values }: Asked): void {
  const age = values.max_age
  if (age !== undefined && !(/^\d{1,10}$/.test(age) && Number(age) < 2 ** 31)) throw oauthErrors.max_age_invalid()
}

function claimsParameter(asked: Asked): void {
  const { claims } = asked.values
  if (claims === undefined) return
  if (!parseClaims(claims)) throw oauthErrors.claims_malformed()
  // What is essential and unknown here would be an answer that the client cannot use.
  if (isContextEssential(asked) && askedContexts(asked).length === 0)
    throw oauthErrors.authentication_requirements_unmet()
}

function keyThumbprint({ values }: Asked): void {
  if (values.dpop_jkt !== undefined && !isPkceChallenge(values.dpop_jkt)) throw oauthErrors.dpop_jkt_malformed()
}
