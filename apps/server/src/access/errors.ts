import { defineErrors } from '../platform/errors.ts'

/** Refusals of callers: not here, not from there, not without proof. */
export const accessErrors = defineErrors({
  unknown_host: { status: 421, message: 'This server does not answer for this host.' },
  cross_site_request: { status: 403, message: 'This request came from another site and was not carried out.' },
  csrf_token_invalid: { status: 403, message: 'This page is out of date. Go back, reload it and try again.' },
  api_token_missing: { status: 401, message: 'The request carries no API token.' },
  api_token_invalid: { status: 401, message: 'The API token is unknown, has expired, or its user is not active.' },
  permission_missing: { status: 403, message: 'The API token does not allow this.' },
})
