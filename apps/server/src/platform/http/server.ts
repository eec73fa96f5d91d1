import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fastify from 'fastify'
import type { LatchkeyError } from '../errors.ts'
import { newId } from '../ids.ts'
import type { Log } from '../log.ts'
import { answerClientError } from './client-error.ts'
import { httpErrors } from './errors.ts'
import { parseForm, refuseMalformed } from './form.ts'
import { securityHeaders } from './headers.ts'
import { isStorableJson } from './json.ts'
import { letGoWhenClosing } from './let-go-when-closing.ts'
import { asLatchkeyError } from './refusal.ts'

/** Writes a refusal in one protocol's own shape. */
export type RenderError = (error: LatchkeyError, request: FastifyRequest, reply: FastifyReply) => unknown

export type HttpOptions = {
  log: Log
  trustedProxies: readonly string[]
  /** One renderer per audience; a route names its audience in `config.audience`. */
  renderers: Readonly<Record<string, RenderError>> & { problem: RenderError }
  /** Told of every refusal before it is rendered, so that each leaves a trace. */
  onRefusal: (error: LatchkeyError, request: FastifyRequest) => Promise<void> | void
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whose shape the route's refusals take; `problem` (RFC 9457) unless named. */
    audience?: string
    /** The event that records the route's refusals. */
    refusal?: string
  }
}

const bodyLimit = 64 * 1024

/** As long as the longest id that an address of ours holds: a credential id of 1,023 bytes in base64url. */
const maxParamLength = 1_364

/**
 * Builds the HTTP server: the wall at which everything is parsed, and the one place where refusals are rendered.
 *
 * Routes are mounted by the caller; call `refuseOtherMethods` after the last one.
 */
export function createHttpServer(options: HttpOptions): FastifyInstance {
  const app = fastify({
    bodyLimit,
    trustProxy: options.trustedProxies.length > 0 ? [...options.trustedProxies] : false,
    genReqId: () => newId('req'),
    requestTimeout: 30_000,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    routerOptions: {
      querystringParser: (text) => ({ ...parseForm(text) }),
      maxParamLength,
      ignoreTrailingSlash: false,
    },
    rewriteUrl: originForm,
    clientErrorHandler: answerClientError,
    // Refused before any hook.
    frameworkErrors: (error, request, reply) =>
      void refuse(asLatchkeyError(error), request, withHeaders(request, reply), options),
  })
  parseBodies(app)
  app.addHook('onRequest', async (request, reply) => {
    withHeaders(request, reply)
    refuseSecondHost(request.raw.rawHeaders)
  })
  letGoWhenClosing(app)
  // After the hooks of the rooms, so that whoever is refused is told in the name of the org that they asked.
  app.addHook('preParsing', async (request) => refuseMalformed(request.query))
  app.setErrorHandler((error, request, reply) => refuse(asLatchkeyError(error), request, reply, options))
  app.setNotFoundHandler((request, reply) => refuse(httpErrors.not_found(), request, reply, options))
  return app
}

/** What every answer carries. */
function withHeaders(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.headers(securityHeaders).header('x-request-id', request.id)
}

/** RFC 9112 §3.2: of two Host headers Node takes the first, and a proxy before us may have gone by the other. */
function refuseSecondHost(rawHeaders: readonly string[]): void {
  let hosts = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1
  }
  if (hosts > 1) throw httpErrors.malformed_request()
}

/** Accepts JSON and forms, each strictly; a route that wants another type adds its own parser in its scope. */
function parseBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'buffer' }, (_request, body, done) => {
    const text = decodeUtf8(body)
    if (text === undefined) return done(httpErrors.malformed_encoding())
    const parameters = parseForm(text)
    try {
      refuseMalformed(parameters)
      done(null, parameters)
    } catch (error) {
      done(error instanceof Error ? error : httpErrors.malformed_request())
    }
  })
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser(
    /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/,
    { parseAs: 'buffer' },
    (request, body, done) => {
      const text = decodeUtf8(body)
      if (text === undefined) return done(httpErrors.malformed_json())
      if (text === '') return done(null, undefined)
      void parseJson(request, text, (error, value) =>
        error || !isStorableJson(text, value) ? done(httpErrors.malformed_json({ cause: error })) : done(null, value),
      )
    },
  )
}

/**
 * Takes a request for a whole address (RFC 9112 §3.2.2) as one for its path: what reads the path afterwards, to redirect
 * to it or to link to it, must not find another host there.
 */
function originForm({ url = '/' }: { url?: string | undefined }): string {
  if (url.startsWith('/')) return url
  const path = /^https?:\/\/[^/?#]*(.*)$/i.exec(url)?.[1]
  return path === undefined || path.startsWith('/') ? (path ?? url) : `/${path}`
}

function decodeUtf8(body: string | Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(body))
  } catch {
    return undefined
  }
}

/** Whoever asks for an address that nobody has mounted: a person with a browser, or a program. */
function audienceOf({ method, headers }: FastifyRequest): string {
  return method === 'GET' && headers.accept?.includes('text/html') ? 'page' : 'problem'
}

async function refuse(error: LatchkeyError, request: FastifyRequest, reply: FastifyReply, options: HttpOptions) {
  if (error.status >= 500)
    options.log.error({ requestId: request.id, reason: error.code, err: error.cause ?? error }, 'failed')
  await Promise.resolve(options.onRefusal(error, request)).catch((cause: unknown) =>
    options.log.error({ requestId: request.id, err: cause }, 'a refusal could not be recorded'),
  )
  const audience = request.routeOptions?.config?.audience ?? audienceOf(request)
  const render = options.renderers[audience] ?? options.renderers.problem
  reply.header('x-latchkey-error', error.code)
  if (typeof error.details.retryAfter === 'number') reply.header('retry-after', String(error.details.retryAfter))
  try {
    return await render(error, request, reply)
  } catch (cause) {
    // Left to the framework it would be shown to whoever asked, and logged nowhere.
    options.log.error({ requestId: request.id, reason: error.code, err: cause }, 'a refusal could not be shown')
    const internal = httpErrors.internal({ cause })
    return options.renderers.problem(internal, request, reply.header('x-latchkey-error', internal.code))
  }
}
