import { sql } from 'kysely'
import type { Database, Reader, Transaction } from '../../platform/database/index.ts'
import { isLatchkeyError } from '../../platform/errors.ts'
import { newId } from '../../platform/ids.ts'
import type { Vault } from '../../platform/vault.ts'
import type { OrgId } from '../orgs/index.ts'
import { type DueItem, type Json, type OutboxId, payloadPurpose } from './outbox.ts'

type OutboxTable = {
  org_id: OrgId
  id: OutboxId
  kind: string
  payload: string
  attempts: number
  due_at: number
  created_at: number
  last_error: string | null
}

type JobLeaseTable = { name: string; holder: string; expires_at: number }

declare module '../../platform/database/schema.ts' {
  interface Schema {
    outbox: OutboxTable
    job_lease: JobLeaseTable
  }
}

/** Keeps work to do, in the transaction of the change that asks for it. */
export async function enqueue(
  tx: Transaction,
  vault: Vault,
  org: OrgId,
  kind: string,
  payload: Json,
  { dueAt, createdAt = dueAt }: { dueAt: number; createdAt?: number },
): Promise<OutboxId> {
  const id = newId<OutboxId>('out')
  const sealed = vault.encrypt(payloadPurpose(org, id), Buffer.from(JSON.stringify(payload)))
  await tx
    .insertInto('outbox')
    .values({
      org_id: org,
      id,
      kind,
      payload: sealed,
      attempts: 0,
      due_at: dueAt,
      created_at: createdAt,
      last_error: null,
    })
    .execute()
  return id
}

/** Tells whether work of a kind is due, without writing: what a job asks often, a taker asks only then. */
export async function hasDue(db: Reader, kind: string, now: number): Promise<boolean> {
  const row = await db
    .selectFrom('outbox')
    .select('id')
    .where('kind', '=', kind)
    .where('due_at', '<=', now)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Takes work of one kind that is due, of all orgs, and hides it from other takers until the lease ends.
 *
 * Where two takers reach for the same row, the second waits for the first and then finds it no longer due.
 */
export async function takeDue(
  db: Database,
  vault: Vault,
  { kind, limit, leaseMs }: { kind: string; limit: number; leaseMs: number },
  now: number,
): Promise<DueItem[]> {
  const rows = await db
    .updateTable('outbox')
    .set({ due_at: now + leaseMs, attempts: sql`attempts + 1` })
    .where('kind', '=', kind)
    .where('due_at', '<=', now)
    .where(({ eb, refTuple, selectFrom }) =>
      eb(
        refTuple('org_id', 'id'),
        'in',
        selectFrom('outbox as due')
          .select(['due.org_id', 'due.id'])
          .where('due.kind', '=', kind)
          .where('due.due_at', '<=', now)
          .orderBy('due.due_at')
          .orderBy('due.id')
          .limit(limit)
          .$asTuple('org_id', 'id'),
      ),
    )
    .returning(['org_id', 'id', 'kind', 'payload', 'attempts', 'created_at'])
    .execute()
  const items: DueItem[] = []
  for (const row of rows) {
    const item = await open(db, vault, row, now + leaseMs)
    if (item) items.push(item)
  }
  return items
}

type TakenRow = Pick<OutboxTable, 'org_id' | 'id' | 'kind' | 'payload' | 'attempts' | 'created_at'>

/** Opens an item; one that the configured keys cannot open says so in its row and does not stop the others. */
async function open(db: Database, vault: Vault, row: TakenRow, dueAt: number): Promise<DueItem | undefined> {
  const { org_id: org, id, kind, attempts, created_at: createdAt } = row
  try {
    const payload: unknown = JSON.parse(vault.decrypt(payloadPurpose(org, id), row.payload).toString())
    return { org, id, kind, payload, attempts, createdAt }
  } catch (failure) {
    if (!isLatchkeyError(failure, 'ciphertext_unreadable')) throw failure
    await retryLater(db, org, id, { dueAt, error: failure.code })
    return undefined
  }
}

/** Removes work that is done, or that its job has given up. */
export async function finish(db: Reader, org: OrgId, id: OutboxId): Promise<void> {
  await db.deleteFrom('outbox').where('org_id', '=', org).where('id', '=', id).execute()
}

/** Gives work back, to be taken again at another time. */
export async function retryLater(
  db: Reader,
  org: OrgId,
  id: OutboxId,
  { dueAt, error }: { dueAt: number; error: string },
): Promise<void> {
  await db
    .updateTable('outbox')
    .set({ due_at: dueAt, last_error: error })
    .where('org_id', '=', org)
    .where('id', '=', id)
    .execute()
}

/** Takes or prolongs the right to run a job: one holder at a time, until `ttlMs` have passed. */
export async function takeLease(
  db: Database,
  name: string,
  holder: string,
  ttlMs: number,
  now: number,
): Promise<boolean> {
  const expires_at = now + ttlMs
  const taken = await db
    .insertInto('job_lease')
    .values({ name, holder, expires_at })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet({ holder, expires_at })
        .where(({ eb, or }) => or([eb('job_lease.holder', '=', holder), eb('job_lease.expires_at', '<=', now)])),
    )
    .returning('name')
    .executeTakeFirst()
  return taken !== undefined
}

/** Gives the right to run a job back before it ends, so that another process need not wait. */
export async function releaseLease(db: Database, name: string, holder: string): Promise<void> {
  await db.deleteFrom('job_lease').where('name', '=', name).where('holder', '=', holder).execute()
}
