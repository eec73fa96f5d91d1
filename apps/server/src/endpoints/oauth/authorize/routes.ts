import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { auditing } from '../callers.ts'
import type { OAuthDeps } from '../house.ts'
import { bases } from '../issuers.ts'
import { formOnly } from '../parameters.ts'
import { toQuery } from '../schema.ts'
import { formPostScript, formPostScriptPath } from './form-post.ts'
import { resumeAuthorization } from './resume.ts'
import { resumePath, startAuthorization } from './start.ts'

/** What fits into a request line of any server and proxy. */
const longestQuery = 6_000

// No HEAD: what GET does here (a grant, a code) is not to be done by asking what it would say.
const exposeHeadRoute = false
const config = { audience: 'authorize', refusal: 'authorize.refused' } as const

export function mountAuthorize(app: FastifyInstance, deps: OAuthDeps): void {
  for (const base of bases) {
    const url = `${base}/authorize`
    app.get(url, { config, exposeHeadRoute }, auditing(deps, startAuthorization))
    app.post(url, { config, onRequest: formOnly }, auditing(deps, repeatAsGet))
  }
  app.get(resumePath, { config, exposeHeadRoute }, auditing(deps, resumeAuthorization))
  app.get(formPostScriptPath, async (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').header('cache-control', 'public, max-age=86400').send(formPostScript),
  )
}

/**
 * Lets the browser ask again with GET. A form that another site posts comes without our cookies (SameSite=Lax), so that
 * the person would have to sign in although they are; a redirect brings them along.
 */
async function repeatAsGet(deps: OAuthDeps, request: FastifyRequest, reply: FastifyReply) {
  const query = toQuery(request.body)
  if (query.length > longestQuery) return await startAuthorization(deps, request, reply)
  const [path] = request.url.split('?')
  return reply.status(303).header('location', `${path}?${query}`).header('cache-control', 'no-store').send()
}
