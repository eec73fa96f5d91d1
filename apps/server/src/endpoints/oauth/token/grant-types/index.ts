import { authorizationCode } from './authorization-code.ts'
import { clientCredentials } from './client-credentials.ts'
import type { GrantType } from './grant-type.ts'
import { refreshToken } from './refresh-token.ts'

export type { GrantType } from './grant-type.ts'

/** Every way to come by tokens. */
export const grantTypes: readonly GrantType[] = [authorizationCode, refreshToken, clientCredentials]

export const grantTypeNames: readonly string[] = grantTypes.map(({ name }) => name)
