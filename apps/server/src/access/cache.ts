import type { KeyObject } from 'node:crypto'
import type { Ground } from '../platform/ground.ts'
import {
  type AuthorizationServer,
  findAuthorizationServer,
  type ServerId,
} from '../records/authorization-servers/index.ts'
import { type Client, type ClientId, findClient, isClientId } from '../records/clients/index.ts'
import { type Directory, getDefaultDirectory } from '../records/directories/index.ts'
import { type KeyId, listSigningKeys, loadPrivateKey, type SigningKey } from '../records/keys/index.ts'
import { createOrgCache, type Org } from '../records/orgs/index.ts'
import { listPolicies, type Policy } from '../records/policies/index.ts'
import { listTrustedOrigins, type TrustedOrigin } from '../records/trusted-origins/index.ts'

type OrgVersion = Pick<Org, 'id' | 'version'>

/**
 * What every request needs and hardly ever changes, read once per version of its org.
 *
 * The version travels with the org, which each request reads, so a change that another process made is seen at the
 * next request.
 */
export type Cache = {
  client(org: OrgVersion, id: ClientId): Promise<Client | undefined>
  server(org: OrgVersion, id: ServerId): Promise<AuthorizationServer | undefined>
  directory(org: OrgVersion): Promise<Directory>
  policies(org: OrgVersion): Promise<readonly Policy[]>
  signingKeys(org: OrgVersion, serverId: ServerId): Promise<readonly SigningKey[]>
  privateKey(org: OrgVersion, serverId: ServerId, id: KeyId): Promise<KeyObject>
  trustedOrigins(org: OrgVersion): Promise<readonly TrustedOrigin[]>
}

export function openCache({ db, vault }: Pick<Ground, 'db' | 'vault'>): Cache {
  const cache = createOrgCache()
  return {
    // Anybody may ask for any client, with an id as long as a request: the memory is not theirs to fill.
    client: async (org, id) =>
      isClientId(id) ? await cache.get(org, `client:${id}`, () => findClient(db, org.id, id)) : undefined,
    server: (org, id) => cache.get(org, `server:${id}`, () => findAuthorizationServer(db, org.id, id)),
    directory: (org) => cache.get(org, 'directory', () => getDefaultDirectory(db, org.id)),
    policies: (org) => cache.get(org, 'policies', () => listPolicies(db, org.id)),
    signingKeys: (org, server) => cache.get(org, `keys:${server}`, () => listSigningKeys(db, org.id, server)),
    privateKey: (org, server, id) =>
      cache.get(org, `key:${server}:${id}`, () => loadPrivateKey(db, vault, org.id, server, id)),
    trustedOrigins: (org) => cache.get(org, 'trusted-origins', () => listTrustedOrigins(db, org.id)),
  }
}
