import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { clearSessionCookie, csrfTokenFor } from '../../access/index.ts'
import { endSessionWithGrants } from '../../directory/index.ts'
import { homePage, signedOutPage } from '../../pages/index.ts'
import { inTransaction } from '../../platform/database/index.ts'
import { contextOf, parseInput, sendPage } from '../../platform/http/index.ts'
import { hasUserWithRole } from '../../records/users/index.ts'
import { type House, pageData } from './house.ts'
import { csrfForm } from './schema.ts'
import { csrfSubject, findSignedIn, getSignedIn } from './signed-in.ts'

/** The root page, and signing out of Latchkey itself. */
export function mountHome(app: FastifyInstance, house: House): void {
  const page = { config: { audience: 'page', refusal: 'request.refused' } }
  app.get('/', page, (request, reply) => showHome(house, request, reply))
  app.post('/sign-out', page, (request, reply) => signOut(house, request, reply))
  app.get('/signed-out', page, (request, reply) =>
    sendPage(reply, signedOutPage({ ...pageData(house, request), signInUrl: '/account' })),
  )
}

async function showHome(house: House, request: FastifyRequest, reply: FastifyReply) {
  const signedIn = await findSignedIn(house, request)
  const needsSetup = !(await hasUserWithRole(house.db, request.org.id, 'admin'))
  const html = homePage({
    ...pageData(house, request),
    csrf: csrfTokenFor(house.vault, request, reply, signedIn ? csrfSubject(signedIn.session) : 'home'),
    needsSetup,
    ...(signedIn && { account: signedIn.user.login }),
    ...(house.development && { development: house.development }),
  })
  return sendPage(reply, html)
}

async function signOut(house: House, request: FastifyRequest, reply: FastifyReply) {
  const { csrf } = parseInput(csrfForm, request.body)
  const { session } = await getSignedIn(house, request, csrf)
  const at = house.now()
  await inTransaction(house.db, (tx) =>
    endSessionWithGrants(tx, request.org.id, session.id, { at, context: contextOf(request) }),
  )
  clearSessionCookie(request, reply)
  return reply.redirect('/signed-out', 303)
}
