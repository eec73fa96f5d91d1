import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { publishedKeys } from '../../../records/keys/index.ts'
import type { OAuthDeps } from '../house.ts'
import { bases, issuerOf } from '../issuers.ts'
import { allowAnyOrigin, answerPreflight } from '../origins.ts'

const config = { audience: 'oauth' } as const

export function mountKeys(app: FastifyInstance, deps: OAuthDeps): void {
  for (const base of bases) {
    const url = `${base}/keys`
    app.get(url, { config, onRequest: allowAnyOrigin }, (request, reply) => answerKeys(deps, request, reply))
    app.options(url, { config, onRequest: allowAnyOrigin }, answerPreflight)
  }
}

/** The JWK Set. The next key is in it a day before it signs, so that an hour in a cache breaks no client. */
async function answerKeys(deps: OAuthDeps, request: FastifyRequest, reply: FastifyReply) {
  const { org, server } = await issuerOf(deps, request)
  const keys = publishedKeys(await deps.cache.signingKeys(org, server.id), deps.now())
  return await reply
    .header('cache-control', 'public, max-age=3600, must-revalidate')
    .send({ keys: keys.map(({ publicJwk }) => publicJwk) })
}
