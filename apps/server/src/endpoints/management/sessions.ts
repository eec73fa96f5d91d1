import { endSessionWithGrants } from '../../directory/index.ts'
import { inTransaction } from '../../platform/database/index.ts'
import { contextOf } from '../../platform/http/index.ts'
import { findSession, type Session, touchSession } from '../../records/sessions/index.ts'
import { canSignIn, findUser, type User } from '../../records/users/index.ts'
import { notFound } from './errors.ts'
import type { House } from './house.ts'
import { parseQuery, refuseBody } from './parse.ts'
import type { Call, Route } from './route.ts'
import { sessionOf } from './session-view.ts'
import { sessionParams } from './sessions.schema.ts'

const manage = 'okta.sessions.manage'

export const sessionRoutes: readonly Route[] = [
  ['GET', '/api/v1/sessions/:id', 'okta.sessions.read', get],
  ['DELETE', '/api/v1/sessions/:id', manage, end],
  ['POST', '/api/v1/sessions/:id/lifecycle/refresh', manage, refresh],
]

type Named = { readonly session: Session; readonly user: User }

async function get(house: House, call: Call): Promise<object> {
  const { session, user } = await named(house, call)
  return sessionOf(call.org, session, user, session.id)
}

async function refresh(house: House, call: Call): Promise<object> {
  refuseBody(call.request.body)
  const { session } = await named(house, call)
  await touchSession(house.db, call.org.id, session, house.now())
  return await get(house, call)
}

async function end(house: House, call: Call): Promise<undefined> {
  const { session } = await named(house, call)
  const { change, request, org } = call
  const ending = { at: change.at, context: contextOf(request) }
  await inTransaction(house.db, (tx) => endSessionWithGrants(tx, org.id, session.id, ending))
}

/** Whoever may not sign in any more has no session, even if a row is left of it. */
async function named({ db, now }: House, { request, org }: Call): Promise<Named> {
  const { id } = parseQuery(sessionParams, request.params)
  const session = await findSession(db, org.id, id, now())
  const user = session && (await findUser(db, org.id, session.userId))
  if (!session || !user || !canSignIn(user.status)) throw notFound(id, 'Session')
  return { session, user }
}
