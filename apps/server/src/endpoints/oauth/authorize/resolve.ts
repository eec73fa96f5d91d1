import type { Issuer } from '../../../authorization/index.ts'
import { oauthErrors } from '../errors.ts'
import type { OAuthDeps } from '../house.ts'
import type { OnceParameters } from '../schema.ts'
import { takePushedRequest } from './pushed-request.ts'
import { readRequestObject } from './request-object.ts'

/**
 * Finds the parameters of an authorization request: in its address, in an object that the client signed, or where the
 * client pushed them.
 *
 * @throws {LatchkeyError} `duplicate_parameter`, `request_object_and_uri`, and what the two ways refuse
 */
export async function resolveParameters(
  deps: OAuthDeps,
  issuer: Issuer,
  parameters: OnceParameters,
): Promise<OnceParameters> {
  const { values, repeated } = parameters
  if (['client_id', 'request', 'request_uri'].some((name) => repeated.includes(name)))
    throw oauthErrors.duplicate_parameter()
  if (values.request !== undefined && values.request_uri !== undefined) throw oauthErrors.request_object_and_uri()
  if (values.request_uri !== undefined) return await takePushedRequest(deps, issuer, parameters)
  return values.request === undefined ? parameters : await readRequestObject(deps, issuer, parameters)
}
