import { minute } from '../../platform/clock.ts'
import { inTransaction, type Transaction } from '../../platform/database/index.ts'
import type { Ground } from '../../platform/ground.ts'
import { recordEvent } from '../../records/events/index.ts'
import { defaultOrgId, findOrgByHost, type OrgId } from '../../records/orgs/index.ts'
import { provisionKeys, provisionOrg } from '../provision.ts'
import { type Application, atPlace, type Changes, count, hasChanges, noChanges } from './changes.ts'
import { hashNewPasswords, type NewHashes } from './passwords.ts'
import { applyGroups, applyUsers } from './people.ts'
import type { Blueprint, OrgBlueprint } from './schema.ts'
import {
  applyApiTokens,
  applyClients,
  applyDirectories,
  applyOrg,
  applyPolicies,
  applyServers,
  applyTrustedOrigins,
} from './set-up.ts'

export type AppliedOrg = { readonly org: OrgId; readonly changes: Changes }

/**
 * Applies a blueprint: creates and updates, and leaves alone what it does not name.
 *
 * Each org is one transaction: all of it or nothing. Applying the same again changes nothing, not even the org's
 * version; a running server sees a change at its next request, by that version.
 *
 * @param url the server's own address, which the default org keeps as a host whatever its blueprint says
 * @throws {BlueprintError} with the place of what cannot be applied
 */
export async function applyBlueprint(ground: Ground, blueprint: Blueprint, url: string): Promise<AppliedOrg[]> {
  const applied: AppliedOrg[] = []
  const { host } = new URL(url)
  // Where another org of the blueprint lists the server's host, it is that one's.
  const isSpokenFor = blueprint.orgs.some(({ hosts }) => hosts?.includes(host))
  const ownHost = isSpokenFor ? undefined : host
  for (const [index, org] of blueprint.orgs.entries()) {
    const hashes = await atPlace(['orgs', index, 'users'], () => hashNewPasswords(ground, org.id, org.users))
    const path = ['orgs', index]
    // Ten seconds are enough for a request, not for a thousand users.
    const changes = await inTransaction(
      ground.db,
      (tx) => applyOrgBlueprint(ground, tx, { org, hashes, path, ownHost }),
      {
        deadline: 5 * minute,
      },
    )
    await provisionKeys(ground, org.id)
    applied.push({ org: org.id, changes })
  }
  return applied
}

type OrgPart = { org: OrgBlueprint; hashes: NewHashes; path: readonly PropertyKey[]; ownHost: string | undefined }

async function applyOrgBlueprint(ground: Ground, tx: Transaction, part: OrgPart): Promise<Changes> {
  const { hashes, path } = part
  const org = await withOwnHost(tx, part.org, part.ownHost)
  const at = ground.now()
  const application: Application = { tx, vault: ground.vault, org: org.id, at, path, changes: noChanges() }
  const { changes } = application
  const isNew = await atPlace(path, () =>
    provisionOrg(
      tx,
      { id: org.id, name: org.name ?? (org.id === defaultOrgId ? 'Latchkey' : org.id), hosts: org.hosts ?? [] },
      at,
    ),
  )
  if (isNew) count(changes, 'created', 'orgs')
  await applyOrg(application, org, isNew)
  await applyDirectories(application, org.directories)
  await applyServers(application, org.authorizationServers)
  await applyClients(application, org.clients)
  await applyUsers(application, org.users, hashes)
  await applyGroups(application, org.groups)
  await applyPolicies(application, org.policies)
  await applyTrustedOrigins(application, org.trustedOrigins)
  await applyApiTokens(application, org.apiTokens)
  if (hasChanges(changes)) await recordEvent(tx, org.id, 'blueprint.applied', { at, details: changes })
  return changes
}

/** Without the server's own host in some org, nobody would reach the default one any more. */
async function withOwnHost(tx: Transaction, org: OrgBlueprint, host: string | undefined): Promise<OrgBlueprint> {
  if (host === undefined || org.id !== defaultOrgId || !org.hosts) return org
  const owner = await findOrgByHost(tx, host)
  return owner && owner.id !== defaultOrgId ? org : { ...org, hosts: [...org.hosts, host] }
}
