import { ensureServerKeys } from '../jobs/index.ts'
import { inTransaction, type Transaction } from '../platform/database/index.ts'
import type { Ground } from '../platform/ground.ts'
import { ensureDefaultServers, listAuthorizationServers } from '../records/authorization-servers/index.ts'
import { listDirectories, newDirectoryId, saveDirectory } from '../records/directories/index.ts'
import { recordEvent } from '../records/events/index.ts'
import { ensureBuiltinGroups } from '../records/groups/index.ts'
import { defaultOrgId, findOrg, findOrgByHost, type OrgId, saveOrg } from '../records/orgs/index.ts'
import { ensureDefaultPolicies } from '../records/policies/index.ts'

export type NewOrg = { id: OrgId; name: string; hosts: readonly string[] }

/**
 * Gives an org everything that each org has: a default directory, its authorization servers, policies and groups.
 *
 * What is there stays as it is, so that it can be called at every start. Its keys follow with `provisionKeys`.
 *
 * @returns whether the org is a new one
 */
export async function provisionOrg(tx: Transaction, { id, name, hosts }: NewOrg, now: number): Promise<boolean> {
  const known = await findOrg(tx, id)
  // Of two processes that start at once, one makes it.
  const isNew = !known && (await saveOrg(tx, { id, name, hosts, settings: { brand: {} } }, now))
  if ((await listDirectories(tx, id)).length === 0)
    await saveDirectory(tx, id, { id: newDirectoryId(), name: 'Default', isDefault: true }, now)
  await ensureDefaultServers(tx, id, now)
  await ensureDefaultPolicies(tx, id, now)
  await ensureBuiltinGroups(tx, id, now)
  if (isNew) await recordEvent(tx, id, 'org.created', { at: now, details: { name } })
  return isNew
}

/** Gives each authorization server of an org the keys that it lacks; outside of transactions, since keys take time. */
export async function provisionKeys(ground: Pick<Ground, 'db' | 'vault' | 'now'>, org: OrgId): Promise<void> {
  for (const server of await listAuthorizationServers(ground.db, org)) await ensureServerKeys(ground, org, server)
}

/**
 * Sees to it that the server's own address belongs to an org: to the default one unless another lists it.
 *
 * @returns the org that people reach there
 */
export async function provisionOwnOrg(ground: Ground, url: string): Promise<OrgId> {
  const { host } = new URL(url)
  const org = await inTransaction(ground.db, async (tx) => {
    const now = ground.now()
    const owner = await findOrgByHost(tx, host)
    const id = owner?.id ?? defaultOrgId
    await provisionOrg(tx, { id, name: 'Latchkey', hosts: [host] }, now)
    if (!owner) await addHost(tx, id, host, now)
    return id
  })
  await provisionKeys(ground, org)
  return org
}

/** The address may have changed since the org was made. The new one comes first, since people are shown the first. */
async function addHost(tx: Transaction, id: OrgId, host: string, now: number): Promise<void> {
  const org = await findOrg(tx, id)
  if (!org || org.hosts.includes(host)) return
  await saveOrg(tx, { ...org, hosts: [host, ...org.hosts] }, now)
  await recordEvent(tx, id, 'org.updated', { at: now, details: { addedHost: host } })
}
