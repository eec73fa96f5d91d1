import type { FastifyInstance } from 'fastify'

/** Mounts the document by which SDKs tell which of Okta's two engines an org has. */
export function mountOrganization(app: FastifyInstance): void {
  app.get('/.well-known/okta-organization', { config: { audience: 'okta' } }, async ({ org }, reply) =>
    reply
      // The same for everyone, and asked for from any page.
      .headers({ 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' })
      .send({
        id: org.id,
        _links: { organization: { href: org.url } },
        pipeline: 'idx',
        settings: { analyticsCollectionEnabled: false, bugReportingEnabled: false, omEnabled: false },
      }),
  )
}
