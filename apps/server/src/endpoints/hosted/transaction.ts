import type { FastifyReply, FastifyRequest } from 'fastify'
import { browserOf, refuseForgery, setSessionCookie } from '../../access/index.ts'
import { contextOf } from '../../platform/http/index.ts'
import {
  type Answered,
  type AnswerName,
  answerSignIn,
  loadSignIn,
  signInErrors,
  type Transaction,
} from '../../sign-in/index.ts'
import type { House } from './house.ts'
import { handleParams } from './schema.ts'

/** Reads the handle in the address; what is none is as unknown as one that has expired. */
export function handleOf(request: FastifyRequest): string {
  const parsed = handleParams.safeParse(request.params)
  if (!parsed.success) throw signInErrors.transaction_expired()
  return parsed.data.handle
}

/** Finds the transaction of the request, for the browser that it is bound to. */
export async function transactionOf(
  house: House,
  request: FastifyRequest,
): Promise<{ handle: string; transaction: Transaction }> {
  const handle = handleOf(request)
  return { handle, transaction: await loadSignIn(house, request.org, handle, browserOf(request)) }
}

/** A request that changes a transaction, once it is known to come from our own page. */
export type StepRequest = { house: House; request: FastifyRequest; reply: FastifyReply; csrf: unknown }

export async function answerStep(
  { house, request, reply, csrf }: StepRequest,
  answer: { step: AnswerName; input: unknown; version?: number | undefined },
): Promise<{ handle: string; answered: Answered }> {
  const { handle, transaction } = await transactionOf(house, request)
  refuseForgery(house.vault, request, handle, csrf)
  const answered = await answerSignIn(house, request.org, { transaction, context: contextOf(request), ...answer })
  const { sessionToken: token } = answered
  if (token !== undefined) setSessionCookie(request, reply, { token, provenBy: answer.step })
  return { handle, answered }
}

/** Where the browser goes next: the page of the open step, or back to whoever asked for the sign-in. */
export function nextUrl(handle: string, { state }: Transaction): string {
  return state.outcome ? `${state.request.returnTo}?stateToken=${encodeURIComponent(handle)}` : `/sign-in/${handle}`
}
