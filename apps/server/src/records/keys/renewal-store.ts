import type { Database } from '../../platform/database/index.ts'
import type { Vault } from '../../platform/vault.ts'
import type { OrgId } from '../orgs/index.ts'
import { privateKeyPurpose } from './key.ts'

/** Encrypts an org's private keys with the newest secret key where an older one was used, and tells how many. */
export async function renewPrivateKeys(db: Database, vault: Vault, org: OrgId): Promise<number> {
  const rows = await db
    .selectFrom('signing_key')
    .select(['server_id', 'id', 'private_key'])
    .where('org_id', '=', org)
    .execute()
  let count = 0
  for (const { server_id: serverId, id, private_key: sealed } of rows) {
    const renewed = vault.renew(privateKeyPurpose(org, serverId, id), sealed)
    if (renewed === undefined) continue
    await db
      .updateTable('signing_key')
      .set({ private_key: renewed })
      .where('org_id', '=', org)
      .where('server_id', '=', serverId)
      .where('id', '=', id)
      .where('private_key', '=', sealed)
      .execute()
    count += 1
  }
  return count
}
