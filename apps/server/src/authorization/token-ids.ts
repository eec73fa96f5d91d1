import { newSecret } from '../platform/ids.ts'
import type { GrantId } from '../records/grants/index.ts'
import { grantIdOf } from './schema.ts'

const prefix = 'oag'.length
const shape = /^AT\.[\w-]{22}([0-9A-Za-z]{17})(?:\.oar[0-9A-Za-z]{17})?$/

/**
 * Makes the `jti` of an access token: random, with the grant's own 17 letters woven in, and the refresh token's id
 * behind a dot where there is one, as Okta does.
 *
 * A token thereby leads to its grant without a claim that clients would see and without a table of issued tokens.
 */
export function newAccessTokenId(grant: GrantId, refreshId?: string): string {
  const own = `AT.${newSecret(16)}${grant.slice(prefix)}`
  return refreshId === undefined ? own : `${own}.${refreshId}`
}

export function newIdTokenId(): string {
  return `ID.${newSecret(16)}`
}

/** The grant that an access token belongs to; undefined for the `jti` of anything else. */
export function grantIdOfAccessToken(jti: string): GrantId | undefined {
  const suffix = shape.exec(jti)?.[1]
  return suffix === undefined ? undefined : grantIdOf(suffix)
}
