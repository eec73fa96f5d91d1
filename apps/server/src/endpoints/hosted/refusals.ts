import type { FastifyReply, FastifyRequest } from 'fastify'
import { browserOf } from '../../access/index.ts'
import { errorPage, expiredPage } from '../../pages/index.ts'
import { isLatchkeyError, type LatchkeyError } from '../../platform/errors.ts'
import { type RenderError, sendPage } from '../../platform/http/index.ts'
import { loadSignIn, viewSignIn } from '../../sign-in/index.ts'
import { type House, pageData } from './house.ts'
import { drawStep, type Mishap } from './render.ts'
import { handleParams } from './schema.ts'
import { formTargets } from './sign-in.ts'

/** Shows a refusal as a page: with the code and the request's id, for whoever helps. */
export function renderErrorPage(house: House): RenderError {
  return (error, request, reply) => {
    reply.status(error.status)
    // Refused before the org was known (a foreign host): there is nobody's page to show.
    if (!request.org) return reply.type('text/plain; charset=utf-8').send(`${error.message}\n`)
    // Who only has to sign in, or to prove again that it is them, is sent to do so.
    if (typeof error.details.next === 'string') return reply.redirect(error.details.next, 303)
    const data = pageData(house, request)
    if (error.code === 'transaction_expired') return sendPage(reply, expiredPage({ ...data, startUrl: '/' }))
    const { status, code, message: detail } = error
    return sendPage(reply, errorPage({ ...data, status, code, requestId: request.id, at: house.now(), detail }))
  }
}

const shownElsewhere: readonly string[] = ['transaction_expired', 'csrf_token_invalid', 'cross_site_request']

/** Shows the refusal of a step on the page of the step itself, with what was typed. */
export function renderStepRefusal(house: House): RenderError {
  const renderPage = renderErrorPage(house)
  return async (error, request, reply) => {
    const page =
      shownElsewhere.includes(error.code) || error.status >= 500
        ? undefined
        : await stepPage(house, request, reply, error)
    if (!page) return renderPage(error, request, reply)
    reply.status(error.status)
    return sendPage(reply, page.html, page.targets)
  }
}

async function stepPage(house: House, request: FastifyRequest, reply: FastifyReply, error: LatchkeyError) {
  const params = handleParams.safeParse(request.params)
  if (!params.success || !request.org) return undefined
  try {
    const { handle } = params.data
    const transaction = await loadSignIn(house, request.org, handle, browserOf(request))
    const view = await viewSignIn(house, request.org, transaction)
    if (view.steps.length === 0) return undefined
    const html = drawStep({
      house,
      request,
      reply,
      handle,
      view: { ...view, notices: [] },
      mishap: mishapOf(error, request),
    })
    return { html, targets: formTargets(transaction.state.request) }
  } catch (cause) {
    if (isLatchkeyError(cause)) return undefined
    throw cause
  }
}

function mishapOf(error: LatchkeyError, request: FastifyRequest): Mishap {
  const { retryAfter } = error.details
  const values = typeof retryAfter === 'number' ? { seconds: retryAfter } : undefined
  return { code: error.code, typed: typedIn(request.body), ...(values && { values }) }
}

/** What was typed is shown again, but for secrets. */
function typedIn(body: unknown): Record<string, string> {
  const shown = ['identifier', 'firstName', 'lastName']
  const fields = typeof body === 'object' && body !== null ? Object.entries(body) : []
  return Object.fromEntries(fields.filter(([name, value]) => shown.includes(name) && typeof value === 'string'))
}
