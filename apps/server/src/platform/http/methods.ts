import type { FastifyInstance, RouteOptions } from 'fastify'
import { httpErrors } from './errors.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Mounted only to answer 405. */
    refusesMethod?: boolean
  }
}

/** One address as it was mounted, for the tests that visit every route. */
export type MountedRoute = { url: string; methods: readonly string[]; audience: string }

/**
 * Watches which routes are mounted, so that `refuseOtherMethods` can answer 405 with Allow (RFC 9110 §15.5.6)
 * for the rest. Call it before the first route.
 */
export function watchRoutes(app: FastifyInstance): { refuseOtherMethods(): void; routes(): MountedRoute[] } {
  const mounted = new Map<string, { methods: Set<string>; config: RouteOptions['config'] }>()
  app.addHook('onRoute', ({ url, method, config }) => {
    if (config?.refusesMethod) return
    const entry = mounted.get(url) ?? { methods: new Set<string>(), config }
    for (const one of [method].flat()) entry.methods.add(one)
    mounted.set(url, entry)
  })
  const routes = () =>
    [...mounted].map(([url, entry]) => ({
      url,
      methods: [...entry.methods],
      audience: entry.config?.audience ?? 'problem',
    }))
  const refuseOtherMethods = () => {
    for (const route of routes()) refuseOthers(app, route)
  }
  return { routes, refuseOtherMethods }
}

function refuseOthers(app: FastifyInstance, route: MountedRoute): void {
  const others = app.supportedMethods.filter((method) => !route.methods.includes(method))
  const allow = route.methods.join(', ')
  app.route({
    method: others,
    url: route.url,
    config: { audience: route.audience, refusesMethod: true },
    // Refused before the body is read: what it holds does not matter.
    onRequest: async (_request, reply) => {
      reply.header('allow', allow)
      throw httpErrors.method_not_allowed()
    },
    handler: async () => undefined,
  })
}
