import type { FastifyRequest } from 'fastify'
import { findCurrentSession, refuseForgery } from '../../access/index.ts'
import { minute } from '../../platform/clock.ts'
import { authTimeOf, type Session } from '../../records/sessions/index.ts'
import { canSignIn, findUser, type User } from '../../records/users/index.ts'
import { hostedErrors } from './errors.ts'
import type { House } from './house.ts'

export type SignedIn = { session: Session; user: User }

/** Where a person proves again that it is them, and comes back to the account page. */
export const confirmPath = '/account/confirm'

/** How fresh the proof must be for whoever changes how the account is signed in to. */
export const recentMs = 15 * minute

/** Finds who is signed in in this browser, as long as they still may be. */
export async function findSignedIn(house: House, request: FastifyRequest): Promise<SignedIn | undefined> {
  const session = await findCurrentSession(house, request)
  const user = session && (await findUser(house.db, request.org.id, session.userId))
  return user && canSignIn(user.status) ? { session, user } : undefined
}

/** @throws {LatchkeyError} `not_signed_in`, and what `refuseForgery` throws */
export async function getSignedIn(house: House, request: FastifyRequest, csrf: unknown): Promise<SignedIn> {
  const signedIn = await findSignedIn(house, request)
  if (!signedIn) throw hostedErrors.not_signed_in({ details: { next: '/account' } })
  refuseForgery(house.vault, request, csrfSubject(signedIn.session), csrf)
  return signedIn
}

/** As `getSignedIn`, for changes that need a recent proof. @throws {LatchkeyError} `reauthentication_required` */
export async function getRecentlySignedIn(house: House, request: FastifyRequest, csrf: unknown): Promise<SignedIn> {
  const signedIn = await getSignedIn(house, request, csrf)
  if (!isRecent(signedIn.session, house.now()))
    throw hostedErrors.reauthentication_required({
      details: { next: confirmPath },
      audit: { userId: signedIn.user.id },
    })
  return signedIn
}

export function isRecent(session: Session, now: number): boolean {
  return now - authTimeOf(session) <= recentMs
}

/** A form of the account page holds for the session that saw it. */
export const csrfSubject = ({ id }: Session) => `session:${id}`
