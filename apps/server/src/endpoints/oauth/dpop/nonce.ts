import { minute } from '../../../platform/clock.ts'
import { isEqualSecret } from '../../../platform/vault.ts'
import type { OrgId } from '../../../records/orgs/index.ts'
import type { OAuthDeps } from '../house.ts'

const windowMs = 5 * minute

type Deps = Pick<OAuthDeps, 'vault' | 'now'>

/**
 * The nonce of this moment (RFC 9449 §8): derived from the time and a key that all processes share, so that none has to
 * be kept, and any process knows the nonces of the others.
 */
export function currentNonce(deps: Deps, org: OrgId): string {
  return nonceOf(deps, org, windowOf(deps))
}

/** Tells whether a nonce is this window's or the one before. */
export function isLiveNonce(deps: Deps, org: OrgId, nonce: string): boolean {
  const window = windowOf(deps)
  return [window, window - 1].some((one) => isEqualSecret(nonceOf(deps, org, one), nonce))
}

const windowOf = ({ now }: Deps) => Math.floor(now() / windowMs)
const nonceOf = ({ vault }: Deps, org: OrgId, window: number) => vault.digest('dpop-nonce', `${org}\0${window}`)
