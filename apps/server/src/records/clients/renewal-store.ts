import type { Database } from '../../platform/database/index.ts'
import type { Vault } from '../../platform/vault.ts'
import type { OrgId } from '../orgs/index.ts'
import { renewSecrets } from './secrets.ts'

/** Encrypts the secrets of an org's clients with the newest secret key where an older one was used. */
export async function renewClientSecrets(db: Database, vault: Vault, org: OrgId): Promise<number> {
  const rows = await db.selectFrom('client').select(['id', 'secrets', 'updated_at']).where('org_id', '=', org).execute()
  let count = 0
  for (const { id, secrets, updated_at } of rows) {
    const renewed = renewSecrets(vault, org, id, secrets)
    if (renewed === undefined) continue
    // A change that came between keeps what it wrote; the next run looks again.
    const changed = db.updateTable('client').set({ secrets: renewed }).where('org_id', '=', org).where('id', '=', id)
    await changed.where('updated_at', '=', updated_at).execute()
    count += 1
  }
  return count
}
