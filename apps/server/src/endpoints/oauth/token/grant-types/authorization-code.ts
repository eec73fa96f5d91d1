import { redeemCode } from '../../../../authorization/index.ts'
import { oauthErrors } from '../../errors.ts'
import type { GrantType } from './grant-type.ts'

/** RFC 6749 §4.1.3 with RFC 7636 §4.5. */
export const authorizationCode: GrantType = {
  name: 'authorization_code',
  async redeem(deps, { issuer, client, values, jkt, context }) {
    const { code, redirect_uri: redirectUri, code_verifier: verifier } = values
    if (code === undefined) throw missing('code')
    return await redeemCode(deps, issuer, { client, code, redirectUri, verifier, jkt, context })
  },
}

const missing = (name: string) =>
  oauthErrors.parameter_missing({ message: `The required parameter '${name}' is missing.`, details: { path: name } })
