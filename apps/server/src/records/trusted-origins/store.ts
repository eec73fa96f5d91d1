import { isDeepStrictEqual } from 'node:util'
import type { Selectable } from 'kysely'
import type { Reader, Transaction } from '../../platform/database/index.ts'
import { newId } from '../../platform/ids.ts'
import { type OrgId, touchOrg } from '../orgs/index.ts'
import { errors } from './errors.ts'
import { normaliseOrigin, type TrustedOrigin, type TrustedOriginId, type TrustedOriginScope } from './trusted-origin.ts'

interface TrustedOriginTable {
  org_id: OrgId
  id: TrustedOriginId
  name: string
  origin: string
  scopes: readonly TrustedOriginScope[]
  created_at: number
  updated_at: number
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    trusted_origin: TrustedOriginTable
  }
}

export type TrustedOriginInput = Pick<TrustedOrigin, 'name' | 'origin' | 'scopes'>

/** Finds a trusted origin by what a browser says in `Origin`; whatever is no origin is not trusted. */
export async function findTrustedOrigin(db: Reader, org: OrgId, origin: string): Promise<TrustedOrigin | undefined> {
  const normal = normaliseOrigin(origin)
  if (normal === undefined) return undefined
  const row = await db
    .selectFrom('trusted_origin')
    .selectAll()
    .where('org_id', '=', org)
    .where('origin', '=', normal)
    .executeTakeFirst()
  return row && fromRow(row)
}

/** Lists an org's trusted origins, oldest first. */
export async function listTrustedOrigins(db: Reader, org: OrgId): Promise<TrustedOrigin[]> {
  const rows = await db
    .selectFrom('trusted_origin')
    .selectAll()
    .where('org_id', '=', org)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  return rows.map(fromRow)
}

export type SavedTrustedOrigin = {
  readonly outcome: 'created' | 'updated' | 'unchanged'
  readonly trustedOrigin: TrustedOrigin
}

/**
 * Trusts an origin, or changes its name and scopes; saving what is there already writes nothing.
 *
 * @throws {LatchkeyError} `origin_invalid`
 */
export async function saveTrustedOrigin(
  tx: Transaction,
  org: OrgId,
  input: TrustedOriginInput,
  now: number,
): Promise<SavedTrustedOrigin> {
  const origin = normaliseOrigin(input.origin)
  if (origin === undefined) throw errors.origin_invalid({ details: { origin: input.origin } })
  const changed = { name: input.name, scopes: [...new Set(input.scopes)].toSorted() }
  const known = await findTrustedOrigin(tx, org, origin)
  if (known && isDeepStrictEqual({ name: known.name, scopes: known.scopes }, changed)) {
    return { outcome: 'unchanged', trustedOrigin: known }
  }
  await touchOrg(tx, org)
  const row = await tx
    .insertInto('trusted_origin')
    .values({ org_id: org, id: newId<TrustedOriginId>('tos'), origin, created_at: now, updated_at: now, ...changed })
    .onConflict((conflict) => conflict.columns(['org_id', 'origin']).doUpdateSet({ updated_at: now, ...changed }))
    .returningAll()
    .executeTakeFirstOrThrow()
  return { outcome: known ? 'updated' : 'created', trustedOrigin: fromRow(row) }
}

/** Trusts an origin no longer; true when it was trusted. */
export async function deleteTrustedOrigin(tx: Transaction, org: OrgId, id: TrustedOriginId): Promise<boolean> {
  const row = await tx
    .deleteFrom('trusted_origin')
    .where('org_id', '=', org)
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst()
  if (row) await touchOrg(tx, org)
  return row !== undefined
}

function fromRow(row: Selectable<TrustedOriginTable>): TrustedOrigin {
  return {
    id: row.id,
    name: row.name,
    origin: row.origin,
    scopes: row.scopes,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
