import type { RequestContext } from '../platform/http/index.ts'
import type { EventInput } from '../records/events/index.ts'
import type { OrgId } from '../records/orgs/index.ts'
import type { UserId } from '../records/users/index.ts'

/** Who made a change, where it was not the one whom the change is about. */
export type Actor = { type: 'api-token'; id: string; name: string; userId: UserId | null }

/** What every change of the directory is told besides what to change. */
export type Change = { org: OrgId; at: number; by?: Actor; context?: RequestContext }

/** A change of one user. */
export type UserChange = Change & { userId: UserId }

/** What the event of a change says of it. */
export function eventOf({ at, by, context }: Change, details: Readonly<Record<string, unknown>> = {}): EventInput {
  return { at, details: { ...details, ...(by && { actor: by }) }, ...(context && { context }) }
}
