import type { KeyObject } from 'node:crypto'
import type { Ground } from '../platform/ground.ts'
import type { AuthorizationServer, ServerId } from '../records/authorization-servers/index.ts'
import type { Client, ClientId } from '../records/clients/index.ts'
import { currentKey, type KeyId, type SigningKey } from '../records/keys/index.ts'
import type { Org } from '../records/orgs/index.ts'
import { errors } from './errors.ts'
import type { PrivateSigningKey } from './jwt.ts'

export type OrgVersion = Pick<Org, 'id' | 'version'>

/** An authorization server at work: whose it is, and by which name it signs. */
export type Issuer = {
  org: OrgVersion
  /** The issuer identifier: what `iss` says, letter by letter. */
  url: string
  server: AuthorizationServer
}

/** What issuing needs: the ground, and what is cached of an org's settings. */
export type Deps = Ground & {
  cache: {
    client(org: OrgVersion, id: ClientId): Promise<Client | undefined>
    signingKeys(org: OrgVersion, server: ServerId): Promise<readonly SigningKey[]>
    privateKey(org: OrgVersion, server: ServerId, id: KeyId): Promise<KeyObject>
  }
}

/** The key that signs at this moment, ready to sign. @throws {LatchkeyError} `signing_key_missing` */
export async function loadSigningKey({ cache, now }: Deps, { org, server }: Issuer): Promise<PrivateSigningKey> {
  const keys = await cache.signingKeys(org, server.id)
  const key = currentKey(keys, now(), server.settings.signingAlgorithm)
  if (!key) throw errors.signing_key_missing()
  return { id: key.id, algorithm: key.algorithm, privateKey: await cache.privateKey(org, server.id, key.id) }
}
