import type { LatchkeyError } from '../../platform/errors.ts'

/** What Okta calls a refusal: https://developer.okta.com/docs/reference/error-codes/ */
export type OktaError = { code: string; status: number; summary: string; causes: readonly string[] }

type Words = { readonly code: string; readonly status: number; readonly summary: string }

const words = {
  validation: { code: 'E0000001', status: 400, summary: 'Api validation failed: {0}' },
  body: { code: 'E0000003', status: 400, summary: 'The request body was not well-formed.' },
  authentication: { code: 'E0000004', status: 401, summary: 'Authentication failed' },
  session: { code: 'E0000005', status: 403, summary: 'Invalid session' },
  permission: {
    code: 'E0000006',
    status: 403,
    summary: 'You do not have permission to perform the requested action',
  },
  absent: { code: 'E0000007', status: 404, summary: 'Not found: {0}' },
  path: { code: 'E0000008', status: 404, summary: 'The requested path was not found' },
  internal: { code: 'E0000009', status: 500, summary: 'Internal Server Error' },
  token: { code: 'E0000011', status: 401, summary: 'Invalid token provided' },
  active: { code: 'E0000016', status: 403, summary: 'Activation failed because the user is already active' },
  mediaType: {
    code: 'E0000021',
    status: 400,
    summary: 'Bad request.  Accept and/or Content-Type headers likely do not match supported values.',
  },
  method: { code: 'E0000022', status: 405, summary: 'The endpoint does not support the provided HTTP method' },
  paging: { code: 'E0000029', status: 400, summary: 'Invalid paging request.' },
  date: {
    code: 'E0000030',
    status: 400,
    summary:
      "Bad request. Invalid date. Dates must be of the form yyyy-MM-dd'T'HH:mm:ss.SSSZZ, e.g. 2013-01-01T12:00:00.000-07:00.",
  },
  criteria: { code: 'E0000031', status: 400, summary: 'Invalid search criteria.' },
  conflict: {
    code: 'E0000033',
    status: 400,
    summary: "Bad request. Can't specify a search query and filter in the same request.",
  },
  status: { code: 'E0000038', status: 403, summary: "This operation is not allowed in the user's current status." },
  rate: { code: 'E0000047', status: 429, summary: 'API call exceeded rate limit due to too many requests.' },
  filter: { code: 'E0000053', status: 400, summary: 'Invalid SCIM filter.' },
  appActive: { code: 'E0000056', status: 403, summary: 'Delete application forbidden.' },
} as const satisfies Record<string, Words>

type Told = { readonly as: Words; readonly subject?: string; readonly causes?: readonly string[] }

const taken = 'An object with this field already exists in the current organization'

/** Refusals by our code. What is not here is told by its status. */
const known: Readonly<Record<string, Told>> = {
  api_token_missing: { as: words.session },
  api_token_invalid: { as: words.token },
  permission_missing: { as: words.permission },
  malformed_json: { as: words.body },
  malformed_request: { as: words.body },
  malformed_encoding: { as: words.body },
  body_missing: { as: words.body },
  body_unexpected: { as: words.body },
  body_too_large: { as: { ...words.body, status: 413 } },
  unsupported_media_type: { as: words.mediaType },
  not_found: { as: words.path },
  method_not_allowed: { as: words.method },
  cursor_invalid: { as: words.paging },
  date_invalid: { as: words.date },
  search_conflict: { as: words.conflict },
  filter_malformed: { as: words.filter },
  filter_too_complex: { as: words.filter },
  filter_attribute_unknown: { as: words.criteria },
  filter_operator_unsupported: { as: words.criteria },
  filter_value_mistyped: { as: words.criteria },
  login_taken: { as: words.validation, subject: 'login', causes: [`login: ${taken}`] },
  address_taken: { as: words.validation, subject: 'email', causes: [`email: ${taken}`] },
  client_id_taken: { as: words.validation, subject: 'client_id', causes: [`client_id: ${taken}`] },
  user_already_active: { as: words.active },
  user_already_deactivated: { as: words.status },
  user_not_active: {
    as: words.validation,
    subject: 'Cannot suspend a user that is not active',
    causes: ['Cannot suspend a user that is not active'],
  },
  user_not_suspended: {
    as: words.validation,
    subject: 'Cannot unsuspend a user that is not suspended',
    causes: ['Cannot unsuspend a user that is not suspended'],
  },
  client_is_active: { as: words.appActive },
}

/** How a refusal that nobody named is told. */
const byStatus = new Map<number, Words>([
  [401, words.authentication],
  [403, words.permission],
  [404, words.absent],
  [405, words.method],
  [429, words.rate],
])

/** Says a refusal in Okta's words. */
export function toOktaError(error: LatchkeyError): OktaError {
  const { as, subject, causes }: Told = Object.hasOwn(known, error.code)
    ? (known[error.code] ?? other(error))
    : other(error)
  const summary = as.summary.replace('{0}', () => subject ?? '')
  return { code: as.code, status: as.status, summary, causes: causes ?? [] }
}

function other(error: LatchkeyError): Told {
  const { subject, causes, member, path } = error.details
  if (error.status >= 500) return { as: { ...words.internal, status: error.status } }
  const as = byStatus.get(error.status) ?? words.validation
  const about = [subject, member, path].find((one) => typeof one === 'string' && one !== '')
  const listed = Array.isArray(causes) ? causes.map(String) : undefined
  const isValidation = as === words.validation
  return {
    as,
    subject: about === undefined ? error.message : String(about),
    causes: listed ?? (isValidation ? [error.message] : []),
  }
}
