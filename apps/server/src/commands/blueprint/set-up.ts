import { findApiTokenByValue, insertApiToken, listApiTokens, revokeApiToken } from '../../records/api-tokens/index.ts'
import { saveAuthorizationServer } from '../../records/authorization-servers/index.ts'
import { saveClient } from '../../records/clients/index.ts'
import { findDirectory, saveDirectory } from '../../records/directories/index.ts'
import { getOrg, type OrgSettings, saveOrg } from '../../records/orgs/index.ts'
import { listPolicies, type PolicyInput, savePolicy } from '../../records/policies/index.ts'
import { saveTrustedOrigin } from '../../records/trusted-origins/index.ts'
import { type Application, applyEach, atPlace, note } from './changes.ts'
import type { OrgBlueprint } from './schema.ts'

/** Makes the org's own settings what the blueprint says, where it says something. */
export async function applyOrg(application: Application, org: OrgBlueprint, isNew: boolean): Promise<void> {
  const { tx, at, path } = application
  const known = await getOrg(tx, org.id)
  const input = {
    id: org.id,
    name: org.name ?? known.name,
    hosts: org.hosts ?? known.hosts,
    settings: mergeSettings(known.settings, org.settings ?? {}),
  }
  const isSaved = await atPlace(path, () => saveOrg(tx, input, at))
  if (isSaved && !isNew) await note(application, 'updated', 'orgs', 'org.updated')
}

function mergeSettings(known: OrgSettings, given: NonNullable<OrgBlueprint['settings']>): OrgSettings {
  const { rpId = known.rpId, passkeyLimit = known.passkeyLimit, brand = {} } = given
  const { accent = known.brand.accent, logoUrl = known.brand.logoUrl } = brand
  return {
    ...known,
    ...(rpId !== undefined && { rpId }),
    ...(passkeyLimit !== undefined && { passkeyLimit }),
    brand: { ...known.brand, ...(accent !== undefined && { accent }), ...(logoUrl !== undefined && { logoUrl }) },
  }
}

export async function applyDirectories(application: Application, directories: OrgBlueprint['directories']) {
  const { tx, org, at } = application
  await applyEach(application, 'directories', directories, async ({ id, name, isDefault, settings }) => {
    const known = await findDirectory(tx, org, id)
    const uniformAnswers = settings?.uniformAnswers
    const isSaved = await saveDirectory(
      tx,
      org,
      {
        id,
        name,
        ...(isDefault !== undefined && { isDefault }),
        ...(uniformAnswers !== undefined && { settings: { uniformAnswers } }),
      },
      at,
    )
    const outcome = known ? 'updated' : 'created'
    if (isSaved) await note(application, outcome, 'directories', 'directory.saved', { details: { directoryId: id } })
  })
}

export async function applyServers(application: Application, servers: OrgBlueprint['authorizationServers']) {
  const { tx, org, at } = application
  await applyEach(application, 'authorizationServers', servers, async (input) => {
    const { outcome, server } = await saveAuthorizationServer(tx, org, input, at)
    if (outcome === 'unchanged') return
    const details = { serverId: server.id }
    await note(application, outcome, 'authorizationServers', 'authorization-server.saved', { details })
  })
}

export async function applyClients(application: Application, clients: OrgBlueprint['clients']) {
  const { tx, org, at, vault } = application
  await applyEach(application, 'clients', clients, async (input) => {
    const { outcome, client } = await saveClient(tx, org, input, vault, at)
    if (outcome !== 'unchanged')
      await note(application, outcome, 'clients', `client.${outcome}`, { clientId: client.id })
  })
}

/** A token is known by its name: a new value takes the place of the old one. */
export async function applyApiTokens(application: Application, tokens: OrgBlueprint['apiTokens']) {
  const { tx, org, at } = application
  await applyEach(application, 'apiTokens', tokens, async ({ name, value }) => {
    if ((await findApiTokenByValue(tx, org, value, at))?.name === name) return
    const namesakes = (await listApiTokens(tx, org)).filter((token) => token.name === name && token.userId === null)
    for (const { id } of namesakes) {
      await revokeApiToken(tx, org, id)
      await note(application, 'updated', 'apiTokens', 'api-token.revoked', { details: { tokenId: id, name } })
    }
    const { apiToken } = await insertApiToken(tx, org, { name, value }, at)
    await note(application, 'created', 'apiTokens', 'api-token.created', { details: { tokenId: apiToken.id, name } })
  })
}

export async function applyTrustedOrigins(application: Application, origins: OrgBlueprint['trustedOrigins']) {
  const { tx, org, at } = application
  await applyEach(application, 'trustedOrigins', origins, async (input) => {
    const { outcome, trustedOrigin } = await saveTrustedOrigin(tx, org, input, at)
    if (outcome === 'unchanged') return
    const details = { origin: trustedOrigin.origin, scopes: trustedOrigin.scopes }
    await note(application, outcome, 'trustedOrigins', 'trusted-origin.saved', { details })
  })
}

export async function applyPolicies(application: Application, policies: OrgBlueprint['policies']) {
  const { tx, org, at } = application
  await applyEach(application, 'policies', policies, async (input) => {
    const { outcome, policy } = await savePolicy(tx, org, await withKnownId(application, input), at)
    if (outcome === 'unchanged') return
    await note(application, outcome, 'policies', 'policy.saved', {
      details: { policyId: policy.id, type: policy.type },
    })
  })
}

/** A policy without an id is known by its type and name. */
async function withKnownId({ tx, org }: Application, input: PolicyInput): Promise<PolicyInput> {
  if (input.id !== undefined) return input
  const known = (await listPolicies(tx, org)).find(({ type, name }) => type === input.type && name === input.name)
  return known ? { ...input, id: known.id } : input
}
