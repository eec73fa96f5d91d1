import type { Transaction } from '../platform/database/index.ts'
import type { RequestContext } from '../platform/http/index.ts'
import { recordEvent } from '../records/events/index.ts'
import { type Grant, revokeGrant } from '../records/grants/index.ts'
import type { OrgId } from '../records/orgs/index.ts'
import { revokeTokensOfGrant } from '../records/tokens/index.ts'

export type Ending = { at: number; reason: string; context: RequestContext }

/** Ends a grant with everything that came of it; nothing happens to one that is over already. */
export async function endGrant(
  tx: Transaction,
  org: OrgId,
  grant: Grant,
  { at, reason, context }: Ending,
): Promise<void> {
  await revokeTokensOfGrant(tx, org, grant.id, at)
  if (!(await revokeGrant(tx, org, grant.id, at))) return
  await recordEvent(tx, org, 'grant.revoked', {
    at,
    reason,
    ...(grant.userId && { userId: grant.userId }),
    clientId: grant.clientId,
    context,
    details: { grantId: grant.id, serverId: grant.serverId },
  })
}
