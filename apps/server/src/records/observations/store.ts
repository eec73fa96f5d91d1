import type { Database, Reader } from '../../platform/database/index.ts'
import { newId } from '../../platform/ids.ts'
import type { OrgId } from '../orgs/index.ts'
import type { Observation, ObservationId, ObservationInput } from './observation.ts'

type ObservationTable = {
  org_id: OrgId
  id: ObservationId
  name: string
  surface: string
  at: number
  details: Readonly<Record<string, unknown>>
  expires_at: number
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    observation: ObservationTable
  }
}

export async function observe(db: Reader, org: OrgId, input: ObservationInput): Promise<void> {
  const { name, surface, at, details = {}, keepForMs } = input
  await db
    .insertInto('observation')
    .values({ org_id: org, id: newId('obs'), name, surface, at, details, expires_at: at + keepForMs })
    .execute()
}

/** Counts what was seen since a time, by name and surface. */
export async function countObservations(db: Reader, org: OrgId, { since }: { since: number }): Promise<Observation[]> {
  const rows = await db
    .selectFrom('observation')
    .select(({ fn }) => ['name', 'surface', fn.countAll<number>().as('count')])
    .where('org_id', '=', org)
    .where('at', '>=', since)
    .groupBy(['name', 'surface'])
    .orderBy('name')
    .orderBy('surface')
    .execute()
  return rows.map((row) => ({ ...row, count: Number(row.count) }))
}

/** @returns how many were removed */
export async function removeExpiredObservations(db: Database, now: number): Promise<number> {
  const result = await db.deleteFrom('observation').where('expires_at', '<=', now).executeTakeFirst()
  return Number(result.numDeletedRows)
}
