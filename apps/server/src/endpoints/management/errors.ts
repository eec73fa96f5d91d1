import { defineErrors } from '../../platform/errors.ts'

/** What this room refuses by itself. `details.causes` are Okta's errorCauses; `details.subject` completes the summary. */
export const managementErrors = defineErrors({
  validation_failed: { status: 400, message: 'The request is not valid.' },
  body_missing: { status: 400, message: 'The request needs a body.' },
  body_unexpected: { status: 400, message: 'The request has a body where none belongs.' },
  resource_not_found: { status: 404, message: 'There is no such resource.' },
  cursor_invalid: { status: 400, message: 'The page asked for does not exist.' },
  date_invalid: { status: 400, message: 'A time is not written in ISO 8601.' },
  search_conflict: { status: 400, message: 'Only one of q, filter and search can be asked for.' },
  password_too_short: { status: 400, message: 'The password is shorter than the password policy demands.' },
  rate_limit_reached: { status: 429, message: 'Too many requests.' },
})

type ResourceType = 'User' | 'AppInstance' | 'Session'

/** Nothing of that id, in Okta's words. */
export function notFound(id: string, type: ResourceType) {
  return managementErrors.resource_not_found({ details: { subject: `Resource not found: ${id} (${type})` } })
}

/** Something of the request is wrong; a cause begins with the member that it is about. */
export function invalid(subject: string, ...causes: string[]) {
  return managementErrors.validation_failed({ details: { subject, causes } })
}
