import { refreshTokens } from '../../../../authorization/index.ts'
import { oauthErrors } from '../../errors.ts'
import { words } from '../../scopes.ts'
import type { GrantType } from './grant-type.ts'

/** RFC 6749 §6. */
export const refreshToken: GrantType = {
  name: 'refresh_token',
  async redeem(deps, { issuer, client, values, jkt, context }) {
    const { refresh_token: value, scope } = values
    if (value === undefined)
      throw oauthErrors.parameter_missing({
        message: "The required parameter 'refresh_token' is missing.",
        details: { path: 'refresh_token' },
      })
    const scopes = scope === undefined ? undefined : words(scope)
    return await refreshTokens(deps, issuer, { client, value, scopes, jkt, context })
  },
}
