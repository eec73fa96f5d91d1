import type { FastifyReply, FastifyRequest } from 'fastify'
import { clearSessionCookie, csrfTokenFor, findCurrentSession, refuseForgery } from '../../../access/index.ts'
import type { Issuer } from '../../../authorization/index.ts'
import { endSessionWithGrants } from '../../../directory/index.ts'
import { signedOutPage, signOutPage } from '../../../pages/index.ts'
import { inTransaction } from '../../../platform/database/index.ts'
import { contextOf, pageHeaders } from '../../../platform/http/index.ts'
import { recordEvent } from '../../../records/events/index.ts'
import type { Session } from '../../../records/sessions/index.ts'
import { formTarget } from '../authorize/respond.ts'
import { noteCaller } from '../callers.ts'
import { type OAuthDeps, pageDataFor } from '../house.ts'
import { endpointPath, issuerOf } from '../issuers.ts'
import { parseOnce } from '../parameters.ts'
import { type LogoutRequest, parseLogout } from './request.ts'

type Values = Readonly<Record<string, string>>

/** What a page's form brings back, so that it is checked again when the person has said yes. */
const carried = ['client_id', 'post_logout_redirect_uri', 'state'] as const

/**
 * Signs out where a token of ours shows that the client knows this very user; otherwise asks, because any page could
 * send the browser here.
 */
export async function answerLogout(deps: OAuthDeps, request: FastifyRequest, reply: FastifyReply) {
  const issuer = await issuerOf(deps, request)
  const values = parseOnce(request.method === 'POST' ? request.body : request.query)
  const logout = await parseLogout(deps, issuer, values)
  const session = await findCurrentSession(deps, request)
  noteCaller(request, callerOf(logout, session))
  if (!session) return await leave(deps, request, reply, logout)
  if (logout.hint?.userId !== session.userId)
    return await ask(deps, request, reply, { issuer, logout, session, values })
  await end(deps, request, { issuer, logout, session })
  return await leave(deps, request, reply, logout)
}

/** Signs out when the person has said so on our own page. */
export async function confirmLogout(deps: OAuthDeps, request: FastifyRequest, reply: FastifyReply) {
  const issuer = await issuerOf(deps, request)
  const { csrf, ...values } = parseOnce(request.body)
  const logout = await parseLogout(deps, issuer, values)
  const session = await findCurrentSession(deps, request)
  noteCaller(request, callerOf(logout, session))
  refuseForgery(deps.vault, request, csrfSubject(session), csrf)
  if (session) await end(deps, request, { issuer, logout, session })
  return await leave(deps, request, reply, logout)
}

const csrfSubject = (session: Session | undefined) => `logout:${session?.id ?? ''}`

function callerOf({ client }: LogoutRequest, session: Session | undefined) {
  return { ...(client && { clientId: client.id }), ...(session && { userId: session.userId }) }
}

type Asking = { issuer: Issuer; logout: LogoutRequest; session: Session; values: Values }

async function ask(
  deps: OAuthDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  { issuer, logout, session, values }: Asking,
) {
  const fields: Record<string, string> = {}
  for (const name of carried) if (values[name] !== undefined) fields[name] = values[name]
  if (logout.client) fields.client_id = logout.client.id
  const csrf = csrfTokenFor(deps.vault, request, reply, csrfSubject(session))
  const action = endpointPath(issuer, 'logout/confirm')
  const targets = logout.returnTo === undefined ? [] : [formTarget(logout.returnTo)]
  return await reply
    .headers(pageHeaders(targets))
    .send(signOutPage({ ...pageDataFor(deps, request), csrf, action, fields }))
}

type Ending = Pick<Asking, 'issuer' | 'logout' | 'session'>

async function end(deps: OAuthDeps, request: FastifyRequest, { issuer, logout, session }: Ending): Promise<void> {
  const { org } = issuer
  const at = deps.now()
  const context = contextOf(request)
  await inTransaction(deps.db, async (tx) => {
    const caller = logout.client ? { clientId: logout.client.id } : {}
    if (!(await endSessionWithGrants(tx, org.id, session.id, { at, context, ...caller }))) return
    const about = { at, userId: session.userId, ...caller, context, details: { sessionId: session.id } }
    await recordEvent(tx, org.id, 'logout.finished', about)
  })
}

async function leave(deps: OAuthDeps, request: FastifyRequest, reply: FastifyReply, { returnTo }: LogoutRequest) {
  clearSessionCookie(request, reply)
  if (returnTo !== undefined)
    return await reply.status(303).headers({ location: returnTo, 'cache-control': 'no-store' }).send()
  return await reply.headers(pageHeaders()).send(signedOutPage({ ...pageDataFor(deps, request), signInUrl: '/' }))
}
