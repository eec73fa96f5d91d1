import type { FastifyInstance } from 'fastify'
import type { Issuer } from '../../../authorization/index.ts'
import type { OAuthDeps } from '../house.ts'
import { issuerOf } from '../issuers.ts'
import { allowAnyOrigin, answerPreflight } from '../origins.ts'
import { authorizationServerMetadata, openidConfiguration } from './document.ts'

/** Below the issuer, as OpenID Connect wants it and Okta does, and between host and path, as RFC 8414 §3.1 does. */
const documents: readonly (readonly [url: string, document: (issuer: Issuer) => unknown])[] = [
  ['/.well-known/openid-configuration', openidConfiguration],
  ['/.well-known/oauth-authorization-server', authorizationServerMetadata],
  ['/oauth2/:serverId/.well-known/openid-configuration', openidConfiguration],
  ['/oauth2/:serverId/.well-known/oauth-authorization-server', authorizationServerMetadata],
  ['/.well-known/oauth-authorization-server/oauth2/:serverId', authorizationServerMetadata],
]

const config = { audience: 'oauth' } as const

export function mountDiscovery(app: FastifyInstance, deps: OAuthDeps): void {
  for (const [url, document] of documents) {
    app.get(url, { config, onRequest: allowAnyOrigin }, async (request, reply) => {
      const issuer = await issuerOf(deps, request)
      return reply.header('cache-control', 'public, max-age=3600, must-revalidate').send(document(issuer))
    })
    app.options(url, { config, onRequest: allowAnyOrigin }, answerPreflight)
  }
}
