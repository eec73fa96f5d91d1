import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { csrfTokenFor, refuseForgery } from '../../access/index.ts'
import { type PageMessage, setupPage } from '../../pages/index.ts'
import { networkOf } from '../../platform/addresses.ts'
import { minute } from '../../platform/clock.ts'
import { contextOf, parseInput, type RenderError, sendPage } from '../../platform/http/index.ts'
import { takeAttempts } from '../../records/limits/index.ts'
import { findToken } from '../../records/tokens/index.ts'
import { hasUserWithRole } from '../../records/users/index.ts'
import { signInErrors } from '../../sign-in/index.ts'
import { hostedErrors } from './errors.ts'
import { type House, pageData } from './house.ts'
import { setupForm } from './schema.ts'
import { accountRequest, openSignIn } from './sign-in.ts'

/** The way in for the first administrator: the printed code opens a sign-up that makes one. */
export function mountSetup(app: FastifyInstance, house: House): void {
  app.get('/setup', { config: { audience: 'page' } }, (request, reply) => showSetup(house, request, reply))
  app.post('/setup', { config: { audience: 'setup', refusal: 'setup.refused' } }, (request, reply) =>
    takeCode(house, request, reply),
  )
}

const csrfSubject = 'setup'

async function showSetup(
  house: House,
  request: FastifyRequest,
  reply: FastifyReply,
  messages: readonly PageMessage[] = [],
) {
  const isDone = await hasUserWithRole(house.db, request.org.id, 'admin')
  const csrf = csrfTokenFor(house.vault, request, reply, csrfSubject)
  return sendPage(reply, setupPage({ ...pageData(house, request), csrf, isDone, messages }))
}

async function takeCode(house: House, request: FastifyRequest, reply: FastifyReply) {
  const { csrf, code } = parseInput(setupForm, request.body)
  refuseForgery(house.vault, request, csrfSubject, csrf)
  const { db, now } = house
  await countTry(house, request)
  if (await hasUserWithRole(db, request.org.id, 'admin')) throw signInErrors.setup_done()
  // The code stays good until there is an administrator: who loses the page half-way may type it again.
  const found = await findToken(db, request.org.id, 'setup', code.trim().toUpperCase(), now())
  if (!found) throw hostedErrors.setup_code_incorrect()
  const asked = { ...accountRequest, startsAtSignUp: true, isFreshRequired: true, grantsRole: 'admin' as const }
  return await openSignIn(house, request, reply, asked)
}

/** The code has 100 bits; the limit is there so that nobody even tries. */
async function countTry({ db, now }: House, request: FastifyRequest): Promise<void> {
  const { ip } = contextOf(request)
  const keys = [
    { key: `setup:ip:${networkOf(ip)}`, limit: 10, windowMs: 15 * minute },
    { key: 'setup:org', limit: 100, windowMs: 15 * minute },
  ]
  const outcome = await takeAttempts(db, request.org.id, keys, now())
  if (!outcome.allowed)
    throw signInErrors.too_many_attempts({ details: { retryAfter: Math.ceil(outcome.retryAfterMs / 1000) } })
}

/** Shows a refused code on the page where it was typed. */
export function renderSetupRefusal(house: House, renderPage: RenderError): RenderError {
  return (error, request, reply) => {
    const isOurs = error.code === 'setup_code_incorrect' || error.code === 'too_many_attempts'
    if (!isOurs) return renderPage(error, request, reply)
    reply.status(error.status)
    const { retryAfter } = error.details
    const values = typeof retryAfter === 'number' ? { seconds: retryAfter } : undefined
    return showSetup(house, request, reply, [{ level: 'error', code: error.code, ...(values && { values }) }])
  }
}
