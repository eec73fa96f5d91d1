import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { auditing } from '../callers.ts'
import type { OAuthDeps } from '../house.ts'
import { bases } from '../issuers.ts'
import { formOnly } from '../parameters.ts'
import { toQuery } from '../schema.ts'
import { answerLogout, confirmLogout } from './answer.ts'

const config = { audience: 'page', refusal: 'logout.refused' } as const

export function mountLogout(app: FastifyInstance, deps: OAuthDeps): void {
  for (const base of bases) {
    const url = `${base}/logout`
    // No HEAD: asking what a sign-out would say must not sign out.
    app.get(url, { config, exposeHeadRoute: false }, auditing(deps, answerLogout))
    app.post(url, { config, onRequest: formOnly }, repeatAsGet)
    app.post(`${url}/confirm`, { config, onRequest: formOnly }, auditing(deps, confirmLogout))
  }
}

/** As for authorization requests: a form from another site comes without our cookies, a redirect brings them along. */
async function repeatAsGet(request: FastifyRequest, reply: FastifyReply) {
  const [path] = request.url.split('?')
  return await reply
    .status(303)
    .headers({ location: `${path}?${toQuery(request.body)}`, 'cache-control': 'no-store' })
    .send()
}
