import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { csrfTokenFor } from '../../access/index.ts'
import { endSessionWithGrants, removePasskey, renamePasskey } from '../../directory/index.ts'
import { type AccountPasskey, accountPage, type PageMessage, removePasskeyPage } from '../../pages/index.ts'
import { inTransaction } from '../../platform/database/index.ts'
import { contextOf, parseInput, sendPage } from '../../platform/http/index.ts'
import { credentialErrors, defaultPasskeyLimit, listCredentials } from '../../records/credentials/index.ts'
import { listSessions } from '../../records/sessions/index.ts'
import { displayName, findPasswordHash, listAddresses } from '../../records/users/index.ts'
import { passkeyFacts, sessionFacts, signalsFor } from './account-facts.ts'
import { finishOwnPasskey, startOwnPasskey } from './account-passkey.ts'
import { hostedErrors } from './errors.ts'
import { type House, pageData } from './house.ts'
import { jsonOnly } from './json-only.ts'
import { csrfForm, idParams, renameForm } from './schema.ts'
import { accountRequest, openSignIn } from './sign-in.ts'
import {
  confirmPath,
  csrfSubject,
  findSignedIn,
  getRecentlySignedIn,
  getSignedIn,
  isRecent,
  recentMs,
  type SignedIn,
} from './signed-in.ts'

/** The account page: a person's own passkeys and sessions. */
export function mountAccount(app: FastifyInstance, house: House): void {
  const page = { config: { audience: 'page', refusal: 'request.refused' } }
  const json = { config: { audience: 'problem', refusal: 'passkey.refused' }, onRequest: jsonOnly }
  app.get('/account', page, (request, reply) => showAccount(house, request, reply))
  app.get(confirmPath, page, (request, reply) => confirm(house, request, reply))
  app.post('/account/passkeys/start', json, (request) => startOwnPasskey(house, request))
  app.post('/account/passkeys/finish', json, (request) => finishOwnPasskey(house, request))
  app.get('/account/passkeys/:id/remove', page, (request, reply) => askRemoval(house, request, reply))
  app.post('/account/passkeys/:id/rename', page, (request, reply) => rename(house, request, reply))
  app.post('/account/passkeys/:id/remove', page, (request, reply) => remove(house, request, reply))
  app.post('/account/sessions/:id/end', page, (request, reply) => endOwnSession(house, request, reply))
}

const told = ['passkey_added', 'passkey_renamed', 'passkey_removed', 'session_ended']

async function showAccount(house: House, request: FastifyRequest, reply: FastifyReply) {
  const signedIn = await findSignedIn(house, request)
  if (!signedIn) return await openSignIn(house, request, reply, accountRequest)
  const { user, session } = signedIn
  const { db, vault } = house
  const passkeys = await listCredentials(db, request.org.id, user.id)
  const sessions = await listSessions(db, request.org.id, user.id, house.now())
  const { done } = request.query as { done?: unknown }
  const messages: PageMessage[] = told.filter((code) => code === done).map((code) => ({ level: 'success', code }))
  const html = accountPage({
    ...pageData(house, request),
    csrf: csrfTokenFor(vault, request, reply, csrfSubject(session)),
    account: { name: displayName(user), login: user.login },
    passkeys: passkeys.map(passkeyFacts),
    passkeyLimit: request.org.settings.passkeyLimit ?? defaultPasskeyLimit,
    sessions: sessions.map((one) => sessionFacts(one, session)),
    signals: signalsFor(request.org.rpId, user, passkeys),
    messages,
  })
  return sendPage(reply, html)
}

/** Asks for a fresh proof by the same person, then comes back. */
async function confirmFirst(
  house: House,
  request: FastifyRequest,
  reply: FastifyReply,
  { user }: SignedIn,
  to: string,
) {
  const asked = {
    ...accountRequest,
    onlyUserId: user.id,
    loginHint: user.login,
    maxAgeMs: recentMs,
    continuation: { to },
  }
  return await openSignIn(house, request, reply, asked)
}

/** For the page's script, which can only send the person somewhere. */
async function confirm(house: House, request: FastifyRequest, reply: FastifyReply) {
  const signedIn = await findSignedIn(house, request)
  if (!signedIn) return await openSignIn(house, request, reply, accountRequest)
  return await confirmFirst(house, request, reply, signedIn, '/account')
}

async function askRemoval(house: House, request: FastifyRequest, reply: FastifyReply) {
  const signedIn = await findSignedIn(house, request)
  if (!signedIn) return await openSignIn(house, request, reply, accountRequest)
  if (!isRecent(signedIn.session, house.now())) {
    const { id } = parseInput(idParams, request.params)
    // Made here, not taken from the request line, which may hold another host (RFC 9112 §3.2.2).
    const path = `/account/passkeys/${encodeURIComponent(id)}/remove`
    return await confirmFirst(house, request, reply, signedIn, path)
  }
  const { passkey, remaining } = await findOwnPasskey(house, request, signedIn)
  const html = removePasskeyPage({
    ...pageData(house, request),
    csrf: csrfTokenFor(house.vault, request, reply, csrfSubject(signedIn.session)),
    passkey,
    remaining,
    canRemove: remaining > 0 || (await hasOtherWay(house, request, signedIn)),
  })
  return sendPage(reply, html)
}

async function findOwnPasskey(
  { db }: House,
  request: FastifyRequest,
  { user }: SignedIn,
): Promise<{ passkey: AccountPasskey; remaining: number }> {
  const { id } = parseInput(idParams, request.params)
  const all = await listCredentials(db, request.org.id, user.id)
  const found = all.find((one) => one.id === id)
  if (!found) throw credentialErrors.passkey_not_found()
  return { passkey: passkeyFacts(found), remaining: all.length - 1 }
}

async function hasOtherWay({ db }: House, request: FastifyRequest, { user }: SignedIn): Promise<boolean> {
  const addresses = await listAddresses(db, request.org.id, user.id)
  if (addresses.some(({ verifiedAt }) => verifiedAt !== null)) return true
  return (await findPasswordHash(db, request.org.id, user.id)) !== undefined
}

async function rename(house: House, request: FastifyRequest, reply: FastifyReply) {
  const { csrf, name } = parseInput(renameForm, request.body)
  const { user } = await getRecentlySignedIn(house, request, csrf)
  const { id } = parseInput(idParams, request.params)
  await inTransaction(house.db, (tx) => renamePasskey(tx, changeOf(house, request, user.id), id, name))
  return reply.redirect('/account?done=passkey_renamed', 303)
}

async function remove(house: House, request: FastifyRequest, reply: FastifyReply) {
  const { csrf } = parseInput(csrfForm, request.body)
  const { user } = await getRecentlySignedIn(house, request, csrf)
  const { id } = parseInput(idParams, request.params)
  await inTransaction(house.db, (tx) => removePasskey(tx, changeOf(house, request, user.id), id), {
    isolation: 'serializable',
  })
  return reply.redirect('/account?done=passkey_removed', 303)
}

function changeOf({ vault, now }: House, request: FastifyRequest, userId: SignedIn['user']['id']) {
  return { vault, org: request.org, userId, at: now(), context: contextOf(request) }
}

async function endOwnSession(house: House, request: FastifyRequest, reply: FastifyReply) {
  const { csrf } = parseInput(csrfForm, request.body)
  const { user } = await getSignedIn(house, request, csrf)
  const { id } = parseInput(idParams, request.params)
  const at = house.now()
  const sessions = await listSessions(house.db, request.org.id, user.id, at)
  const own = sessions.find((one) => one.id === id)
  if (!own) throw hostedErrors.session_not_found()
  await inTransaction(house.db, (tx) =>
    endSessionWithGrants(tx, request.org.id, own.id, { at, context: contextOf(request) }),
  )
  return reply.redirect('/account?done=session_ended', 303)
}
