/**
 * Management: what Okta's management API says about users, apps and the log, to whoever has an API token.
 *
 * Owns: `/api/v1` and `/.well-known/okta-organization`: who may call it, its words, links, pages and errors, and how users, clients and events look in it.
 * Does not own: what can happen to a user or a client (`directory`), API tokens (`records/api-tokens`), OAuth.
 */
import type { FastifyInstance } from 'fastify'
import { httpErrors, type RenderError } from '../../platform/http/index.ts'
import { appRoutes } from './apps.ts'
import type { House } from './house.ts'
import { logRoutes } from './logs.ts'
import { mountOrganization } from './organization.ts'
import { mountOwnSession } from './own-session.ts'
import { renderOktaError } from './render.ts'
import { mountRoutes } from './route.ts'
import { sessionRoutes } from './sessions.ts'
import { userRoutes } from './users.ts'

/** Mounts every route of this room. */
export function mountManagement(app: FastifyInstance, house: House): void {
  mountRoutes(app, house, [...userRoutes, ...appRoutes, ...logRoutes, ...sessionRoutes])
  mountOwnSession(app, house)
  mountOrganization(app)
  app.route({
    method: ['GET', 'POST', 'PUT', 'DELETE'],
    url: '/api/v1/*',
    config: { audience: 'okta' },
    // So that the SDKs find the words that they look for where nothing is, too.
    onRequest: async () => {
      throw httpErrors.not_found()
    },
    handler: async () => undefined,
  })
}

/** The renderer of this room's audience, for the HTTP server. */
export const managementRenderers = { okta: renderOktaError } satisfies Record<string, RenderError>
