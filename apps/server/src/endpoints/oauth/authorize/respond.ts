import type { FastifyReply, FastifyRequest } from 'fastify'
import { pageHeaders, type RenderError } from '../../../platform/http/index.ts'
import { describeError } from '../render.ts'
import { formPostPage } from './form-post.ts'
import type { ResponseMode } from './schema.ts'

/** Where the answer to an authorization request goes. */
export type Target = {
  redirectUri: string
  responseMode: ResponseMode
  state: string | undefined
  issuer: string
}

const targets = new WeakMap<FastifyRequest, Target>()

/** Says that the redirect URI of a request is trusted: from here on refusals are answered there. */
export function answerAt(request: FastifyRequest, target: Target): void {
  targets.set(request, target)
}

/** Hands the code to the client. */
export function respondWithCode(reply: FastifyReply, target: Target, code: string) {
  return respond(reply, target, { code })
}

/**
 * Refusals of authorization requests: at the redirect URI as soon as it is trusted (RFC 6749 §4.1.2.1), before that on
 * a page.
 */
export function renderAuthorizeError(renderPage: RenderError): RenderError {
  return (error, request, reply) => {
    const target = targets.get(request)
    return target ? respond(reply, target, describeError(error)) : renderPage(error, request, reply)
  }
}

function respond(reply: FastifyReply, target: Target, answer: Readonly<Record<string, string>>) {
  const { redirectUri, responseMode, state, issuer } = target
  // With `iss`, a client that knows several issuers cannot be made to mix them up (RFC 9207).
  const parameters = { ...answer, ...(state !== undefined && { state }), iss: issuer }
  void reply.header('cache-control', 'no-store')
  if (responseMode === 'form_post')
    return reply
      .status(200)
      .headers(pageHeaders([formTarget(redirectUri)]))
      .send(formPostPage(redirectUri, parameters))
  // 303: a browser never repeats a form with a password at the client, as it would after 307 (RFC 9700 §4.12).
  return reply
    .status(303)
    .header('location', addressWith(redirectUri, responseMode, parameters))
    .send()
}

/** Adds parameters to a registered URI without touching a letter of it: private-use schemes are no web addresses. */
function addressWith(uri: string, mode: 'query' | 'fragment', parameters: Readonly<Record<string, string>>): string {
  const added = new URLSearchParams(parameters).toString()
  if (mode === 'fragment') return `${uri}#${added}`
  if (!uri.includes('?')) return `${uri}?${added}`
  return /[?&]$/.test(uri) ? `${uri}${added}` : `${uri}&${added}`
}

/** What a page's form-action has to name so that a form, or the redirect that answers one, may lead there. */
export function formTarget(redirectUri: string): string {
  const { protocol, origin } = new URL(redirectUri)
  return protocol === 'https:' || protocol === 'http:' ? origin : protocol
}
