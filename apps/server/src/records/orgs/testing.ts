/** Orgs for tests. */
import { type Database, inTransaction } from '../../platform/database/index.ts'
import { newOrgId, type OrgId } from './org.ts'
import { saveOrg } from './store.ts'

/** The moment at which tests begin: 2026-01-01T00:00:00Z. */
export const testTime = Date.UTC(2026, 0, 1)

/** Makes an org that no other test has. */
export async function makeOrg(db: Database, hosts: readonly string[] = []): Promise<OrgId> {
  const id = newOrgId()
  await inTransaction(db, (tx) => saveOrg(tx, { id, name: `Org ${id}`, hosts, settings: { brand: {} } }, testTime))
  return id
}
