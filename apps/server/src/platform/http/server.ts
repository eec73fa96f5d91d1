import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fastify from 'fastify'
import type { LatchkeyError } from '../errors.ts'
import { newId } from '../ids.ts'
import type { Log } from '../log.ts'
import { httpErrors } from './errors.ts'
import { parseForm, refuseMalformed } from './form.ts'
import { securityHeaders } from './headers.ts'
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
      maxParamLength: 512,
      ignoreTrailingSlash: false,
    },
    frameworkErrors: (error, request, reply) => void refuse(asLatchkeyError(error), request, reply, options),
  })
  parseBodies(app)
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders).header('x-request-id', request.id)
    refuseMalformed(request.query)
  })
  app.setErrorHandler((error, request, reply) => refuse(asLatchkeyError(error), request, reply, options))
  app.setNotFoundHandler((request, reply) => refuse(httpErrors.not_found(), request, reply, options))
  return app
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
  app.addContentTypeParser(/^application\/(?:[\w.+-]+\+)?json/, { parseAs: 'buffer' }, (request, body, done) => {
    const text = decodeUtf8(body)
    if (text === undefined) return done(httpErrors.malformed_json())
    if (text === '') return done(null, undefined)
    parseJson(request, text, (error, value) =>
      error ? done(httpErrors.malformed_json({ cause: error })) : done(null, value),
    )
  })
}

function decodeUtf8(body: string | Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(body))
  } catch {
    return undefined
  }
}

async function refuse(error: LatchkeyError, request: FastifyRequest, reply: FastifyReply, options: HttpOptions) {
  if (error.status >= 500)
    options.log.error({ requestId: request.id, code: error.code, err: error.cause ?? error }, 'failed')
  await Promise.resolve(options.onRefusal(error, request)).catch((cause: unknown) =>
    options.log.error({ requestId: request.id, err: cause }, 'a refusal could not be recorded'),
  )
  const audience = request.routeOptions?.config?.audience ?? 'problem'
  const render = options.renderers[audience] ?? options.renderers.problem
  reply.header('x-latchkey-error', error.code)
  if (typeof error.details.retryAfter === 'number') reply.header('retry-after', String(error.details.retryAfter))
  return render(error, request, reply)
}
