/**
 * Health: what a supervisor or load balancer asks.
 *
 * Owns: `/health/live` (the process answers) and `/health/ready` (it can serve: database, schema, keys).
 * Does not own: figures (`endpoints/metrics`), advice (`latchkey doctor`). Answers on any host, and says nothing that an
 * outsider could use.
 */
import type { FastifyInstance } from 'fastify'
import type { Ground } from '../../platform/ground.ts'
import { createReadiness } from './readiness.ts'

export function mountHealth(app: FastifyInstance, ground: Pick<Ground, 'db' | 'now' | 'log'>): void {
  const config = { isOrgless: true }
  const check = createReadiness(ground)
  app.get('/health/live', { config }, (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ status: 'ok' }),
  )
  app.get('/health/ready', { config }, async (_request, reply) => {
    const readiness = await check()
    return reply
      .status(readiness.status === 'ok' ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(readiness)
  })
}
