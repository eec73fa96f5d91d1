import { isRetryable, type Transaction } from '../../platform/database/index.ts'
import { isLatchkeyError } from '../../platform/errors.ts'
import type { Vault } from '../../platform/vault.ts'
import { type EventInput, type EventName, recordEvent } from '../../records/events/index.ts'
import type { OrgId } from '../../records/orgs/index.ts'
import { BlueprintError, jsonPath } from './errors.ts'

/** What applying a blueprint to one org did: the number of things created and updated, by kind. */
export type Changes = { readonly created: Record<string, number>; readonly updated: Record<string, number> }

/** One org's part of a blueprint being applied, in its transaction. */
export type Application = {
  readonly tx: Transaction
  readonly vault: Vault
  readonly org: OrgId
  readonly at: number
  /** Where the org stands in the blueprint. */
  readonly path: readonly PropertyKey[]
  readonly changes: Changes
}

export function noChanges(): Changes {
  return { created: {}, updated: {} }
}

export function hasChanges({ created, updated }: Changes): boolean {
  return Object.keys(created).length + Object.keys(updated).length > 0
}

/** Counts a change and records its event. */
export async function note(
  { tx, org, at, changes }: Application,
  outcome: keyof Changes,
  kind: string,
  event: EventName,
  input: Omit<EventInput, 'at'> = {},
): Promise<void> {
  count(changes, outcome, kind)
  await recordEvent(tx, org, event, { at, ...input })
}

export function count(changes: Changes, outcome: keyof Changes, kind: string): void {
  changes[outcome][kind] = (changes[outcome][kind] ?? 0) + 1
}

/** Applies the items of a list one by one; a refusal is told with the place of the item that caused it. */
export async function applyEach<Item>(
  { path }: Application,
  list: string,
  items: readonly Item[],
  apply: (item: Item, place: readonly PropertyKey[]) => Promise<void>,
): Promise<void> {
  for (const [index, item] of items.entries()) {
    const place = [...path, list, index]
    await atPlace(place, () => apply(item, place))
  }
}

/** Says where a refusal belongs. A failure of the database is nobody's mistake, and may be tried again. */
export async function atPlace<T>(place: readonly PropertyKey[], apply: () => Promise<T>): Promise<T> {
  try {
    return await apply()
  } catch (failure) {
    if (!isLatchkeyError(failure) || isRetryable(failure) || failure.status >= 500) throw failure
    throw new BlueprintError(jsonPath(place), failure.message, { cause: failure })
  }
}
