import type { FastifyReply, FastifyRequest } from 'fastify'
import { bindBrowser, browserOf, findCurrentSession } from '../../../access/index.ts'
import { issueCode, verifyIdTokenHint } from '../../../authorization/index.ts'
import { contextOf } from '../../../platform/http/index.ts'
import type { Client } from '../../../records/clients/index.ts'
import type { RequestedClaims } from '../../../records/grants/index.ts'
import { type Session, satisfiesAcr } from '../../../records/sessions/index.ts'
import type { UserId } from '../../../records/users/index.ts'
import { beginSignIn, keepSignIn, type SignInRequest, type View, viewSignIn } from '../../../sign-in/index.ts'
import { noteCaller } from '../callers.ts'
import { oauthErrors } from '../errors.ts'
import type { OAuthDeps } from '../house.ts'
import { issuerOf } from '../issuers.ts'
import { parseParameters } from '../schema.ts'
import { type Asked, askedAssurances, askedContexts, askedPrompts, grantedScopes } from './asked.ts'
import { checks } from './checks.ts'
import { requestedClaims, requiredSubject } from './claims.ts'
import { denialOf } from './denial.ts'
import { resolveParameters } from './resolve.ts'
import { answerAt, formTarget, respondWithCode, type Target } from './respond.ts'
import { type AuthorizationRequest, type ResponseMode, responseModes } from './schema.ts'
import { trustRedirect } from './trust.ts'

export const resumePath = '/login/token/redirect'

/** Answers an authorization request at once where a session allows it; otherwise the person signs in first. */
export async function startAuthorization(deps: OAuthDeps, request: FastifyRequest, reply: FastifyReply) {
  const { org } = request
  const issuer = await issuerOf(deps, request)
  const given = parseParameters(request.method === 'POST' ? request.body : request.query)
  const asked = await trustRedirect(deps, issuer, await resolveParameters(deps, issuer, given))
  noteCaller(request, { clientId: asked.client.id })
  const target = targetOf(asked)
  answerAt(request, target)
  for (const check of checks) check(asked)

  const wanted = toAuthorizationRequest(asked, target)
  const signIn = toSignInRequest(asked, wanted, await expectedUser(deps, asked))
  const isSilent = askedPrompts(asked).includes('none')
  // Who asks for a new account gets the form for one, whoever is signed in.
  const session = signIn.startsAtSignUp ? undefined : await findCurrentSession(deps, request)
  // A silent request keeps nothing, so that there is nothing to bind.
  const boundTo = isSilent ? (browserOf(request) ?? 'nobody') : bindBrowser(request, reply)
  const transaction = await beginSignIn(deps, org, { request: signIn, boundTo, session })
  const view = await viewSignIn(deps, org, transaction)
  if (isComplete(view, session)) {
    const code = await authorize(deps, request, { asked, wanted, session })
    return respondWithCode(reply, target, code)
  }
  if (view.outcome?.kind === 'denied') throw denialOf(view.outcome)
  if (isSilent) throw refusalOfSilence(view)
  const handle = await keepSignIn(deps, org, transaction)
  return reply.status(303).header('location', `/sign-in/${handle}`).header('cache-control', 'no-store').send()
}

function targetOf({ issuer, redirectUri, values }: Asked): Target {
  const mode = responseModes.find((known) => known === values.response_mode)
  return { redirectUri, responseMode: mode ?? 'query', state: values.state, issuer: issuer.url }
}

function toAuthorizationRequest(asked: Asked, { responseMode }: { responseMode: ResponseMode }): AuthorizationRequest {
  const { issuer, client, redirectUri, values } = asked
  const contexts = askedContexts(asked)
  const scopes = grantedScopes(asked)
  const claims = requestedClaims(asked, scopes)
  return {
    serverId: issuer.server.id,
    clientId: client.id,
    redirectUri,
    responseMode,
    scopes,
    ...(values.state !== undefined && { state: values.state }),
    ...(values.nonce !== undefined && { nonce: values.nonce }),
    ...(values.code_challenge !== undefined && { codeChallenge: values.code_challenge }),
    ...(values.dpop_jkt !== undefined && { jkt: values.dpop_jkt }),
    ...(contexts.length > 0 && { contexts }),
    ...(claims && { claims: { idToken: [...(claims.idToken ?? [])], userinfo: [...(claims.userinfo ?? [])] } }),
  }
}

/** Whom the client expects, if anybody. @throws {LatchkeyError} `id_token_hint_invalid`, `login_required` */
async function expectedUser(deps: OAuthDeps, asked: Asked): Promise<string | undefined> {
  const [hinted, required] = [await readHint(deps, asked), requiredSubject(asked)]
  if (hinted !== undefined && required !== undefined && hinted !== required) throw oauthErrors.login_required()
  return hinted ?? required
}

/** Whom the client expects, by an ID token that it was given once. @throws {LatchkeyError} `id_token_hint_invalid` */
async function readHint(deps: OAuthDeps, { issuer, client, values }: Asked): Promise<UserId | undefined> {
  const hint = values.id_token_hint
  if (hint === undefined) return undefined
  const claims = await verifyIdTokenHint(deps, issuer, hint).catch((cause: unknown) => {
    throw oauthErrors.id_token_hint_invalid({ cause })
  })
  // Another client's token would let this one ask whether that user is signed in.
  if (claims.aud !== client.id) throw oauthErrors.id_token_hint_invalid()
  return claims.sub
}

function toSignInRequest(asked: Asked, wanted: AuthorizationRequest, expected: string | undefined): SignInRequest {
  const { client, issuer, values } = asked
  const asks = new Set(askedPrompts(asked))
  const implicit = new Set(issuer.server.scopes.filter(({ consent }) => consent === 'implicit').map(({ name }) => name))
  const isConsentRequired = asks.has('consent')
  const requiredAssurance = askedAssurances(asked)
  return {
    client: { id: client.id, name: client.name, serverId: issuer.server.id, isTrusted: isTrusted(client, asks) },
    scopes: isConsentRequired ? wanted.scopes : wanted.scopes.filter((scope) => !implicit.has(scope)),
    ...(values.login_hint !== undefined && { loginHint: values.login_hint.slice(0, 320).toWellFormed() }),
    ...(expected !== undefined && { onlyUserId: expected }),
    ...(values.max_age !== undefined && { maxAgeMs: Number(values.max_age) * 1000 }),
    ...(requiredAssurance.length > 0 && { requiredAssurance }),
    isFreshRequired: asks.has('login'),
    isConsentRequired,
    startsAtSignUp: asks.has('create'),
    redirectOrigin: formTarget(wanted.redirectUri),
    returnTo: resumePath,
    continuation: wanted,
  }
}

/** A trusted client is asked about only where it wants that itself (`prompt=consent`). */
function isTrusted(client: Client, asks: ReadonlySet<string>): boolean {
  return client.consent === 'trusted' && !asks.has('consent')
}

function isComplete(view: View, session: Session | undefined): session is Session {
  return view.outcome?.kind === 'complete' && view.outcome.sessionId === session?.id
}

/** What `prompt=none` is told, by the first thing that the person would have to do. */
function refusalOfSilence({ steps: [first] }: View) {
  if (first?.name === 'consent') return oauthErrors.consent_required()
  if (first?.name === 'enrol-passkey') return oauthErrors.interaction_required()
  return oauthErrors.login_required()
}

/** Without members that say nothing. */
function definedOf({ idToken, userinfo }: NonNullable<AuthorizationRequest['claims']>): RequestedClaims {
  return { ...(idToken && { idToken }), ...(userinfo && { userinfo }) }
}

type Authorized = { asked: Pick<Asked, 'issuer' | 'client'>; wanted: AuthorizationRequest; session: Session }

/** Keeps the grant and gives its code. */
export async function authorize(deps: OAuthDeps, request: FastifyRequest, { asked, wanted, session }: Authorized) {
  noteCaller(request, { userId: session.userId })
  const { scopes, redirectUri, nonce, codeChallenge, jkt, contexts = [], claims } = wanted
  const acr = contexts.find((context) => satisfiesAcr(session.authentications, context))
  return await issueCode(deps, asked.issuer, {
    client: asked.client,
    session,
    scopes,
    redirectUri,
    ...(nonce !== undefined && { nonce }),
    ...(codeChallenge !== undefined && { codeChallenge }),
    ...(jkt !== undefined && { jkt }),
    ...(acr !== undefined && { acr }),
    ...(claims && { claims: definedOf(claims) }),
    context: contextOf(request),
  })
}
