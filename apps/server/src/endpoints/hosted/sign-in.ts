import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import {
  bindBrowser,
  browserOf,
  countFlood,
  type Flood,
  findCurrentSession,
  refuseForgery,
} from '../../access/index.ts'
import { day } from '../../platform/clock.ts'
import { contextOf, parseInput, sendPage } from '../../platform/http/index.ts'
import { observe } from '../../records/observations/index.ts'
import {
  beginSignIn,
  isAnswerName,
  keepSignIn,
  type SignInRequest,
  signInErrors,
  startEnrolment,
  startPasskey,
  takeOutcome,
  viewSignIn,
} from '../../sign-in/index.ts'
import type { House } from './house.ts'
import { jsonOnly } from './json-only.ts'
import { drawStep } from './render.ts'
import { completeQuery, jsonBody, observation, stepForm } from './schema.ts'
import { answerStep, handleOf, nextUrl, transactionOf } from './transaction.ts'

/** The pages of a transaction, and what their forms and scripts send. */
export function mountSignIn(app: FastifyInstance, house: House): void {
  const page = { config: { audience: 'page', refusal: 'sign-in.refused' } }
  const form = { config: { audience: 'sign-in', refusal: 'sign-in.refused' } }
  const json = { config: { audience: 'problem', refusal: 'sign-in.refused' }, onRequest: jsonOnly }
  app.get('/sign-in', page, (request, reply) => openSignIn(house, request, reply, accountRequest))
  app.get('/sign-up', page, (request, reply) =>
    openSignIn(house, request, reply, { ...accountRequest, startsAtSignUp: true }),
  )
  app.get('/sign-in/complete', page, (request, reply) => complete(house, request, reply))
  app.get('/sign-in/:handle', page, (request, reply) => showStep(house, request, reply))
  // The address that a refused step leaves in the address bar, when it is reloaded.
  app.get('/sign-in/:handle/:step', page, (request, reply) => backToPage(request, reply))
  app.post('/sign-in/:handle/:step', form, (request, reply) => postStep(house, request, reply))
  app.post('/sign-in/:handle/passkey/start', json, (request) => startCeremony(house, request, startPasskey))
  app.post('/sign-in/:handle/enrol-passkey/start', json, (request) => startCeremony(house, request, startEnrolment))
  app.post('/sign-in/:handle/passkey/finish', json, (request, reply) =>
    finishCeremony(house, request, reply, 'passkey'),
  )
  app.post('/sign-in/:handle/enrol-passkey/finish', json, (request, reply) =>
    finishCeremony(house, request, reply, 'enrol-passkey'),
  )
  const flood = countFlood(house.now, observedPerMinute)
  app.post(
    '/sign-in/:handle/observe',
    { config: { audience: 'problem', refusal: 'request.refused' }, onRequest: jsonOnly },
    (request, reply) => takeObservation(house, request, reply, flood),
  )
}

/** How much the pages of one network may tell in a minute; anybody can open a page, and what it tells is kept for weeks. */
const observedPerMinute = 120

/** Signing in to Latchkey itself, without an app that asked. */
export const accountRequest: SignInRequest = {
  scopes: [],
  returnTo: '/sign-in/complete',
  continuation: { to: '/account' },
}

/** Begins a sign-in of our own and goes to its first page, or straight on when nothing is missing. */
export async function openSignIn(house: House, request: FastifyRequest, reply: FastifyReply, asked: SignInRequest) {
  const session = await findCurrentSession(house, request)
  const boundTo = bindBrowser(request, reply)
  const transaction = await beginSignIn(house, request.org, { request: asked, boundTo, session })
  const { outcome } = await viewSignIn(house, request.org, transaction)
  if (outcome) return reply.redirect(String(asked.continuation.to), 303)
  return reply.redirect(`/sign-in/${await keepSignIn(house, request.org, transaction)}`, 303)
}

/** Ends a sign-in of our own: takes its outcome, once, and goes where it was asked for. */
async function complete(house: House, request: FastifyRequest, reply: FastifyReply) {
  const { stateToken } = parseInput(completeQuery, request.query)
  const { outcome, transaction } = await takeOutcome(house, request.org, stateToken, browserOf(request))
  const { to } = transaction.state.request.continuation
  return reply.redirect(outcome.kind === 'complete' ? String(to) : '/', 303)
}

async function showStep(house: House, request: FastifyRequest, reply: FastifyReply) {
  const { handle, transaction } = await transactionOf(house, request)
  const view = await viewSignIn(house, request.org, transaction)
  if (view.outcome)
    return reply.redirect(
      nextUrl(handle, { ...transaction, state: { ...transaction.state, outcome: view.outcome } }),
      303,
    )
  return sendPage(reply, drawStep({ house, request, reply, handle, view }), formTargets(transaction.state.request))
}

export function formTargets({ redirectOrigin }: SignInRequest): readonly string[] {
  return redirectOrigin ? [redirectOrigin] : []
}

function backToPage(request: FastifyRequest, reply: FastifyReply) {
  return reply.redirect(`/sign-in/${handleOf(request)}`, 303)
}

async function postStep(house: House, request: FastifyRequest, reply: FastifyReply) {
  const { step } = request.params as { step: string }
  const { csrf, version, ...fields } = parseInput(stepForm, request.body ?? {})
  // A passkey's answer comes as JSON; no form of ours posts it.
  if (!isAnswerName(step) || step === 'passkey' || step === 'enrol-passkey') throw signInErrors.step_not_open()
  const input = step === 'select' ? { method: methodOf(fields.step) } : fields
  const { handle, answered } = await answerStep({ house, request, reply, csrf }, { step, input, version })
  return reply.redirect(nextUrl(handle, answered.transaction), 303)
}

/** The pages call the step by what people see. */
function methodOf(way: unknown): unknown {
  return way === 'code' ? 'email-code' : way
}

type Start = typeof startPasskey | typeof startEnrolment

async function startCeremony(house: House, request: FastifyRequest, start: Start) {
  const { handle, transaction } = await transactionOf(house, request)
  refuseForgery(house.vault, request, handle, request.headers['x-csrf-token'])
  const input = parseInput(jsonBody, request.body)
  return await start(
    { deps: house, org: request.org, transaction, context: contextOf(request), at: house.now() },
    input,
  )
}

async function finishCeremony(
  house: House,
  request: FastifyRequest,
  reply: FastifyReply,
  step: 'passkey' | 'enrol-passkey',
) {
  const csrf = request.headers['x-csrf-token']
  const input = parseInput(jsonBody, request.body)
  const { handle, answered } = await answerStep({ house, request, reply, csrf }, { step, input })
  return { next: nextUrl(handle, answered.transaction) }
}

/** Counts what happened on the page: for the funnel, not for the audit, and forgotten after a month. */
async function takeObservation(house: House, request: FastifyRequest, reply: FastifyReply, flood: Flood) {
  // The token holds for a handle and a browser, so it is proof enough: the sign-in may end while this is on its way.
  refuseForgery(house.vault, request, handleOf(request), request.headers['x-csrf-token'])
  const { name, surface, reason, capabilities } = parseInput(observation, request.body)
  if (flood(request)) return reply.status(204).send()
  const details = { ...(reason && { reason }), ...(capabilities && { capabilities }) }
  const at = house.now()
  await observe(house.db, request.org.id, { name, surface, at, details, keepForMs: 30 * day })
  return reply.status(204).send()
}
