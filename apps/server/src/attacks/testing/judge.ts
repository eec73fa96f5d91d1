import type { MountedRoute } from '../../platform/http/index.ts'
import type { Answer } from '../../testing/index.ts'
import type { Hostile } from './hostile.ts'
import type { Target } from './target.ts'

type Shape = (answer: Answer, target: Target) => string | undefined

/** How each audience is told of a refusal. A new audience is named here before its routes pass. */
const shapes: Readonly<Record<string, Shape>> = {
  problem: isProblem,
  page: isPage,
  'sign-in': isPage,
  setup: isPage,
  oauth: isOAuth,
  bearer: (answer) =>
    isOAuth(answer) ?? (answer.header('www-authenticate')?.startsWith('Bearer ') ? undefined : 'no challenge'),
  okta: isOkta,
  authorize: (answer, target) => (answer.status === 303 ? isErrorRedirect(answer, target) : isPage(answer)),
}

/** Tells what is wrong with an answer to a hostile request, or nothing. */
export function judge(route: MountedRoute, hostile: Hostile, answer: Answer, target: Target): string | undefined {
  const { status, error } = answer
  const isRefusal = error !== undefined
  if (status >= 500) return `${status} ${error}`
  if (hostile.isMalformed && !isRefusal && !isBodyless(hostile, answer)) return `${status}: taken as good`
  if (isRefusal && status < 400 && status !== 303) return `${status}: a refusal that looks like an answer`
  return commonHeaders(answer) ?? (isRefusal && hostile.method !== 'HEAD' ? shapeOf(route, answer, target) : undefined)
}

/** HEAD is answered as GET is, for which a body means nothing. */
const isBodyless = ({ method }: Hostile, { status }: Answer) => method === 'HEAD' && status >= 400

function commonHeaders(answer: Answer): string | undefined {
  const wanted = { 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' }
  for (const [name, value] of Object.entries(wanted)) if (answer.header(name) !== value) return `without ${name}`
  if (!answer.header('content-security-policy')?.includes("frame-ancestors 'none'")) return 'may be framed'
  if (answer.error !== undefined && answer.header('cache-control') !== 'no-store') return 'may be cached'
  return undefined
}

function shapeOf(route: MountedRoute, answer: Answer, target: Target): string | undefined {
  // What is refused before the route is found is told in the general shape.
  const isRouted = answer.error !== 'malformed_request' && answer.error !== 'not_found'
  const shape = isRouted ? shapes[route.audience] : isAnyShape
  if (!shape) return `unknown audience ${route.audience}`
  return shape(answer, target)
}

const isAnyShape: Shape = (answer, target) =>
  Object.values(shapes).every((shape) => shape(answer, target)) ? 'no known shape' : undefined

function isProblem(answer: Answer): string | undefined {
  if (answer.header('content-type') !== 'application/problem+json; charset=utf-8') return 'not problem+json'
  const { status, code, title, requestId } = answer.json<Record<string, unknown>>()
  const isWhole = status === answer.status && code === answer.error && typeof title === 'string'
  return isWhole && requestId === answer.header('x-request-id') ? undefined : 'a problem with parts missing'
}

function isOAuth(answer: Answer): string | undefined {
  if (answer.header('content-type') !== 'application/json; charset=utf-8') return 'not JSON'
  const { error, error_description: description, ...rest } = answer.json<Record<string, unknown>>()
  const isWhole = typeof error === 'string' && typeof description === 'string' && /^[\x20-\x7e]*$/.test(description)
  return isWhole && Object.keys(rest).length === 0 ? undefined : 'not an error of RFC 6749'
}

function isOkta(answer: Answer): string | undefined {
  if (answer.header('content-type') !== 'application/json; charset=utf-8') return 'not JSON'
  const { errorCode, errorSummary, errorLink, errorId, errorCauses } = answer.json<Record<string, unknown>>()
  const isNamed = typeof errorCode === 'string' && /^E\d{7}$/.test(errorCode) && errorLink === errorCode
  const isWhole = typeof errorSummary === 'string' && String(errorId).startsWith('oae') && Array.isArray(errorCauses)
  const isRated = /^\d+$/.test(answer.header('x-rate-limit-reset') ?? '')
  return isNamed && isWhole && isRated ? undefined : "not an error of Okta's"
}

function isPage(answer: Answer): string | undefined {
  if (answer.header('content-type') !== 'text/html; charset=utf-8') return 'not HTML'
  if (answer.page.heading === '' || answer.text.includes('<script>alert')) return 'not a page of ours'
  const isNamed = answer.error === 'transaction_expired' || /data-code|class="report"|aria-invalid/.test(answer.text)
  return isNamed ? undefined : `a page that does not say ${answer.error}`
}

function isErrorRedirect({ location = '' }: Answer, { redirectUri }: Target): string | undefined {
  const { searchParams } = new URL(location)
  if (!location.startsWith(`${redirectUri}?`)) return `redirects to ${location}`
  return searchParams.has('error') && searchParams.has('iss') ? undefined : 'redirects without an error'
}
