import { authorizationCode } from './authorization-code.ts'
import type { GrantType } from './grant-type.ts'
import { refreshToken } from './refresh-token.ts'

export type { GrantType } from './grant-type.ts'

/** Every way to come by tokens. */
export const grantTypes: readonly GrantType[] = [authorizationCode, refreshToken]

export const grantTypeNames: readonly string[] = grantTypes.map(({ name }) => name)
