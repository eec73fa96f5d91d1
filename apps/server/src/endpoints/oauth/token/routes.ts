import type { FastifyInstance } from 'fastify'
import { auditing } from '../callers.ts'
import type { OAuthDeps } from '../house.ts'
import { bases } from '../issuers.ts'
import { allowKnownOrigins, answerPreflight } from '../origins.ts'
import { formOnly } from '../parameters.ts'
import { answerTokenRequest } from './answer.ts'

const config = { audience: 'oauth', refusal: 'token.refused' } as const

export function mountToken(app: FastifyInstance, deps: OAuthDeps): void {
  const cors = allowKnownOrigins(deps)
  for (const base of bases) {
    const url = `${base}/token`
    app.post(url, { config, onRequest: [cors, formOnly] }, auditing(deps, answerTokenRequest))
    app.options(url, { config, onRequest: cors }, answerPreflight)
  }
}
