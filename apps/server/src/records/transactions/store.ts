import type { Selectable } from 'kysely'
import { type Database, prepare, type Reader } from '../../platform/database/index.ts'
import { hashSecret } from '../../platform/hash.ts'
import { newId } from '../../platform/ids.ts'
import type { OrgId } from '../orgs/index.ts'
import type { StoredTransaction, TransactionId } from './transaction.ts'

interface TransactionTable {
  org_id: OrgId
  id: TransactionId
  handle_hash: string
  bound_to: string
  version: number
  state: object
  created_at: number
  expires_at: number
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    sign_in_transaction: TransactionTable
  }
}

export type NewTransaction<State extends object> = {
  /** Made here unless the caller has already named it. */
  readonly id?: TransactionId
  /** Unguessable; it stays the same until the transaction ends, and only its hash is kept. */
  readonly handle: string
  readonly boundTo: string
  readonly state: State
  readonly expiresAt: number
}

export async function insertTransaction<State extends object>(
  db: Reader,
  org: OrgId,
  { id = newId<TransactionId>('txn'), handle, boundTo, state, expiresAt }: NewTransaction<State>,
  now: number,
): Promise<StoredTransaction<State>> {
  await insertRow(db, {
    org_id: org,
    id,
    handle_hash: hashSecret(handle),
    bound_to: boundTo,
    version: 1,
    state,
    created_at: now,
    expires_at: expiresAt,
  })
  return { id, version: 1, boundTo, state, createdAt: now, expiresAt }
}

const insertRow = prepare((db, row: TransactionTable) => db.insertInto('sign_in_transaction').values(row))

/** Finds a transaction that still runs. Whether the asker is who it is bound to is the caller's to compare. */
export async function findTransaction<State extends object>(
  db: Reader,
  org: OrgId,
  handle: string,
  now: number,
): Promise<StoredTransaction<State> | undefined> {
  const [row] = await selectByHandle(db, { org, hash: hashSecret(handle), now })
  return row && fromRow<State>(row)
}

const selectByHandle = prepare((db, { org, hash, now }: { org: OrgId; hash: string; now: number }) =>
  db
    .selectFrom('sign_in_transaction')
    .selectAll()
    .where('org_id', '=', org)
    .where('handle_hash', '=', hash)
    .where('expires_at', '>', now),
)

/**
 * Changes a transaction if it is still what the caller has seen.
 *
 * @returns false when somebody else moved or ended it first; nothing is changed then
 */
export async function saveTransaction(
  db: Reader,
  org: OrgId,
  id: TransactionId,
  expectedVersion: number,
  change: { readonly state: object; readonly expiresAt?: number; readonly boundTo?: string },
): Promise<boolean> {
  const { state, expiresAt = null, boundTo = null } = change
  const next = expectedVersion + 1
  return (await updateRow(db, { org, id, version: expectedVersion, next, state, expiresAt, boundTo })).length > 0
}

type Move = {
  org: OrgId
  id: TransactionId
  version: number
  next: number
  state: object
  expiresAt: number | null
  boundTo: string | null
}

const updateRow = prepare((db, { org, id, version, next, state, expiresAt, boundTo }: Move) =>
  db
    .updateTable('sign_in_transaction')
    .set((eb) => ({
      version: next,
      state,
      expires_at: eb.fn.coalesce(eb.val(expiresAt), 'expires_at'),
      bound_to: eb.fn.coalesce(eb.val(boundTo), 'bound_to'),
    }))
    .where('org_id', '=', org)
    .where('id', '=', id)
    .where('version', '=', version)
    .returning('id'),
)

/** Ends a transaction; true for the one caller that ended it. */
export async function removeTransaction(db: Reader, org: OrgId, id: TransactionId): Promise<boolean> {
  return (await deleteRow(db, { org, id })).length > 0
}

const deleteRow = prepare((db, { org, id }: { org: OrgId; id: TransactionId }) =>
  db.deleteFrom('sign_in_transaction').where('org_id', '=', org).where('id', '=', id).returning('id'),
)

/** Removes transactions that ran out of time, of every org, and tells how many. */
export async function removeExpiredTransactions(db: Database, now: number): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('sign_in_transaction')
    .where('expires_at', '<=', now)
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

function fromRow<State extends object>(row: Selectable<TransactionTable>): StoredTransaction<State> {
  return {
    id: row.id,
    version: row.version,
    boundTo: row.bound_to,
    state: row.state as State,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }
}
