import { defineErrors } from '../errors.ts'

/** What the wall refuses before any room sees the request. */
export const httpErrors = defineErrors({
  malformed_request: { status: 400, message: 'The request is malformed.' },
  malformed_json: { status: 400, message: 'The body is not valid JSON.' },
  malformed_encoding: { status: 400, message: 'A parameter is not valid percent-encoded UTF-8.' },
  duplicate_parameter: { status: 400, message: 'A parameter is included more than once.' },
  invalid_request: { status: 400, message: 'The request is missing a parameter or has an invalid one.' },
  body_too_large: { status: 413, message: 'The body is larger than this endpoint accepts.' },
  unsupported_media_type: { status: 415, message: 'The content type is not one that this endpoint accepts.' },
  not_found: { status: 404, message: 'There is nothing at this address.' },
  method_not_allowed: { status: 405, message: 'This address does not answer this method.' },
  header_too_large: { status: 431, message: 'The request headers are too large.' },
  timeout: { status: 408, message: 'The request took too long to arrive.' },
  internal: { status: 500, message: 'Something went wrong on our side.' },
})
