import { day } from '../platform/clock.ts'
import type { Ground } from '../platform/ground.ts'
import { newReadableCode } from '../platform/ids.ts'
import type { OrgId } from '../records/orgs/index.ts'
import { saveToken } from '../records/tokens/index.ts'
import { hasUserWithRole } from '../records/users/index.ts'

/** Long enough for whoever starts the server to walk to a browser, short enough that an old log is worth nothing. */
const lifetimeMs = day

/**
 * Makes the code that lets somebody become the first administrator at `/setup`; it has 96 random bits.
 *
 * @returns undefined where there is an administrator already
 */
export async function issueSetupCode({ db, now }: Pick<Ground, 'db' | 'now'>, org: OrgId): Promise<string | undefined> {
  if (await hasUserWithRole(db, org, 'admin')) return undefined
  const code = newReadableCode(5, 4)
  await saveToken(db, org, { kind: 'setup', value: code, details: {}, expiresAt: now() + lifetimeMs }, now())
  return code
}
