/**
 * Well-known addresses of passkeys and passwords, which browsers and password managers ask on their own.
 *
 * Owns: `/.well-known/webauthn`, `/.well-known/passkey-endpoints` and `/.well-known/change-password`.
 * Does not own: the discovery documents of authorization servers (`endpoints/oauth/discovery`).
 */
import type { FastifyInstance } from 'fastify'
import { httpErrors } from '../../platform/http/index.ts'
import { relatedOrigins } from './related-origins.ts'

export function mountWellKnown(app: FastifyInstance): void {
  app.get('/.well-known/webauthn', async ({ org }, reply) => {
    const origins = relatedOrigins(org)
    // WebAuthn §5.11.1: without the document no other origin may use the relying party id, which is what is meant.
    if (origins.length === 0) throw httpErrors.not_found()
    return reply.type('application/json').header('cache-control', 'public, max-age=300').send({ origins })
  })
  // https://w3c.github.io/webappsec-passkey-endpoints/: answered here and now, a redirect would not be followed.
  app.get('/.well-known/passkey-endpoints', async ({ org }, reply) =>
    reply
      .type('application/json')
      .header('cache-control', 'public, max-age=300')
      .send({ enroll: `${org.url}/account`, manage: `${org.url}/account` }),
  )
  // https://w3c.github.io/webappsec-change-password-url/: a redirect that nobody keeps.
  app.get('/.well-known/change-password', async ({ org }, reply) =>
    reply.header('cache-control', 'no-store').redirect(`${org.url}/account`, 303),
  )
}
