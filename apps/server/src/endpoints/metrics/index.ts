/**
 * Metrics: figures for Prometheus at `/metrics`.
 *
 * Owns: which figures there are, and who may read them: this machine, or whoever has the token of the settings. For
 * everyone else there is nothing at this address.
 * Does not own: what happened to whom (`records/events`), prompts and funnels (`records/observations`).
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Ground } from '../../platform/ground.ts'
import { httpErrors } from '../../platform/http/index.ts'
import { isEqualSecret } from '../../platform/vault.ts'
import { openFigures } from './figures.ts'

export type MetricsOptions = {
  /** The bearer token that may read the figures from elsewhere. */
  token: string | undefined
}

/** Mounts `/metrics` and counts every request from then on. */
export function mountMetrics(app: FastifyInstance, ground: Pick<Ground, 'db'>, { token }: MetricsOptions): void {
  const figures = openFigures(ground)
  app.addHook('onResponse', async (request, reply) => figures.count(request, reply))
  app.get('/metrics', { config: { isOrgless: true } }, async (request, reply) => {
    if (!mayRead(request, token)) throw httpErrors.not_found()
    return reply
      .header('cache-control', 'no-store')
      .type(figures.contentType)
      .send(await figures.write())
  })
}

function mayRead(request: FastifyRequest, token: string | undefined): boolean {
  const given = /^Bearer ([\x21-\x7e]+)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (token !== undefined && given !== undefined) return isEqualSecret(given, token)
  return isFromThisMachine(request)
}

/** A proxy on this machine that we were not told of would make everyone look like a neighbour; its headers give it away. */
function isFromThisMachine(request: FastifyRequest): boolean {
  const { headers, ip } = request
  if (headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined || headers.via !== undefined)
    return false
  return ip === '127.0.0.1' || ip === '::1' || ip === '::ffff:127.0.0.1'
}
