import type { FastifyReply, FastifyRequest } from 'fastify'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { statisticsOf } from '../../platform/database/index.ts'
import type { Ground } from '../../platform/ground.ts'

export type Figures = {
  count(request: FastifyRequest, reply: FastifyReply): void
  write(): Promise<string>
  contentType: string
}

/** From 1 ms, which a cached document takes, to 10 s, at which a request is given up. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]

/** Opens the figures of one house, in a registry of their own. */
export function openFigures({ db }: Pick<Ground, 'db'>): Figures {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const durations = new Histogram({
    name: 'latchkey_http_request_duration_seconds',
    help: 'Time from the first byte of a request to the end of its answer.',
    // Never the address itself: whoever asks for a million of them would make a million series.
    labelNames: ['method', 'route', 'status'],
    buckets,
    registers,
  })
  const refusals = new Counter({
    name: 'latchkey_refusals_total',
    help: 'Requests that were refused, by the code of the refusal and the route.',
    labelNames: ['code', 'route'],
    registers,
  })
  const signIns = new Counter({
    name: 'latchkey_sign_ins_total',
    help: 'Proofs that began a session or strengthened one, by the step that took them.',
    labelNames: ['step'],
    registers,
  })
  countDatabase(db, registry)
  return {
    contentType: registry.contentType,
    write: () => registry.metrics(),
    count(request, reply) {
      const route = request.routeOptions.url ?? 'none'
      durations.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000)
      const code = reply.getHeader('x-latchkey-error')
      if (typeof code === 'string') refusals.inc({ code, route })
      if (request.provenBy !== undefined) signIns.inc({ step: request.provenBy })
    },
  }
}

/** Read when asked for: the database counts anyway. */
function countDatabase(db: Ground['db'], registry: Registry): void {
  const figures = [
    ['transactions', 'Transactions that were kept.'],
    ['commits', 'Commits that kept them; on SQLite several transactions share one.'],
    ['rollbacks', 'Transactions that were undone.'],
  ] as const
  for (const [name, help] of figures) {
    let seen = 0
    const counter = new Counter({
      name: `latchkey_database_${name}_total`,
      help,
      registers: [registry],
      collect() {
        const count = statisticsOf(db)[name]
        counter.inc(count - seen)
        seen = count
      },
    })
  }
  const waiting: Gauge = new Gauge({
    name: 'latchkey_database_waiting',
    help: 'Who waits for the database now.',
    registers: [registry],
    collect: () => waiting.set(statisticsOf(db).waiting),
  })
}
