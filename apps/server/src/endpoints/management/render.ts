import type { RenderError } from '../../platform/http/index.ts'
import { newId } from '../../platform/ids.ts'
import { toOktaError } from './okta-errors.ts'
import { fullRate, stamp } from './rate-limit.ts'

/** Refusals of the management API, in the shape that Okta's SDKs read. */
export const renderOktaError: RenderError = (error, request, reply) => {
  const { code, status, summary, causes } = toOktaError(error)
  if (!reply.hasHeader('x-rate-limit-limit')) stamp(request, reply, fullRate(Date.now()))
  return reply
    .status(status)
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8')
    .send({
      errorCode: code,
      errorSummary: summary,
      errorLink: code,
      errorId: newId('oae'),
      errorCauses: causes.map((errorSummary) => ({ errorSummary })),
    })
}
