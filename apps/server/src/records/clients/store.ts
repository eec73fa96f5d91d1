import { isDeepStrictEqual } from 'node:util'
import type { Selectable } from 'kysely'
import type { Reader, Transaction } from '../../platform/database/index.ts'
import { newId } from '../../platform/ids.ts'
import { isEqualSecret, type Vault } from '../../platform/vault.ts'
import { type OrgId, touchOrg } from '../orgs/index.ts'
import type { Client, ClientId } from './client.ts'
import { isSameSecrets, openSecrets, sealSecrets } from './secrets.ts'

interface ClientTable {
  org_id: OrgId
  id: ClientId
  name: string
  status: Client['status']
  /** Ciphertexts, newest first. */
  secrets: readonly string[]
  metadata: ClientMembers
  created_at: number
  updated_at: number
}

type ClientMembers = Omit<Client, 'id' | 'name' | 'status' | 'createdAt' | 'updatedAt'>

declare module '../../platform/database/schema.ts' {
  interface Schema {
    client: ClientTable
  }
}

/** A client to be kept. Without `secrets` it keeps those that it has; without `id` it is a new one. */
export type ClientInput = Omit<Client, 'id' | 'createdAt' | 'updatedAt'> & {
  readonly id?: ClientId
  readonly secrets?: readonly string[]
}

export async function findClient(db: Reader, org: OrgId, id: ClientId): Promise<Client | undefined> {
  const row = await selectClient(db, org, id)
  return row && fromRow(row)
}

/** Lists all clients of an org, oldest first. */
export async function listClients(db: Reader, org: OrgId): Promise<Client[]> {
  const rows = await db
    .selectFrom('client')
    .selectAll()
    .where('org_id', '=', org)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  return rows.map(fromRow)
}

export type SavedClient = { readonly outcome: 'created' | 'updated' | 'unchanged'; readonly client: Client }

/**
 * Creates or replaces a client.
 *
 * Saving what is there already writes nothing, so that a blueprint can be applied twice.
 *
 * @throws {LatchkeyError} `invalid_client_metadata` for more than two secrets
 */
export async function saveClient(
  tx: Transaction,
  org: OrgId,
  input: ClientInput,
  vault: Vault,
  now: number,
): Promise<SavedClient> {
  const { id = newId<ClientId>('0oa'), secrets, name, status, ...rest } = input
  const metadata = toMembers(rest)
  const known = await selectClient(tx, org, id)
  const keepsSecrets = !secrets || (known && isSameSecrets(vault, org, id, known.secrets, secrets))
  if (
    known &&
    keepsSecrets &&
    isDeepStrictEqual([known.name, known.status, known.metadata], [name, status, metadata])
  ) {
    return { outcome: 'unchanged', client: fromRow(known) }
  }
  const sealed = keepsSecrets ? (known?.secrets ?? []) : sealSecrets(vault, org, id, secrets ?? [])
  await touchOrg(tx, org)
  const changed = { name, status, secrets: sealed, metadata, updated_at: now }
  const row = await tx
    .insertInto('client')
    .values({ org_id: org, id, created_at: now, ...changed })
    .onConflict((conflict) => conflict.columns(['org_id', 'id']).doUpdateSet(changed))
    .returningAll()
    .executeTakeFirstOrThrow()
  return { outcome: known ? 'updated' : 'created', client: fromRow(row) }
}

/** Deletes a client with its secrets; true when there was one. Its grants are to be revoked in the same transaction. */
export async function deleteClient(tx: Transaction, org: OrgId, id: ClientId): Promise<boolean> {
  const row = await tx
    .deleteFrom('client')
    .where('org_id', '=', org)
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst()
  if (row) await touchOrg(tx, org)
  return row !== undefined
}

/**
 * Tells whether a secret is one of the client's live secrets; false for a client that has none or does not exist.
 *
 * All of them are compared, each in constant time, so that the duration says nothing about which one matched.
 */
export async function checkClientSecret(
  db: Reader,
  vault: Vault,
  org: OrgId,
  id: ClientId,
  secret: string,
): Promise<boolean> {
  const live = await loadClientSecrets(db, vault, org, id)
  return live.filter((known) => isEqualSecret(known, secret)).length > 0
}

/** Decrypts a client's live secrets, newest first: `client_secret_jwt` is verified with them. */
export async function loadClientSecrets(db: Reader, vault: Vault, org: OrgId, id: ClientId): Promise<string[]> {
  const row = await db
    .selectFrom('client')
    .select('secrets')
    .where('org_id', '=', org)
    .where('id', '=', id)
    .executeTakeFirst()
  return openSecrets(vault, org, id, row?.secrets ?? [])
}

async function selectClient(db: Reader, org: OrgId, id: ClientId): Promise<Selectable<ClientTable> | undefined> {
  return await db.selectFrom('client').selectAll().where('org_id', '=', org).where('id', '=', id).executeTakeFirst()
}

/** Picks the members by name, so that nothing else that an object carries (a secret above all) is kept readable. */
function toMembers(client: Omit<ClientInput, 'id' | 'secrets' | 'name' | 'status'>): ClientMembers {
  const { applicationType, tokenEndpointAuthMethod, redirectUris, postLogoutRedirectUris } = client
  const { grantTypes, responseTypes, scopes, clientUri, logoUri, initiateLoginUri } = client
  const { jwks, jwksUri, backchannelLogoutUri, consent, requirePkce } = client
  return {
    applicationType,
    tokenEndpointAuthMethod,
    redirectUris,
    postLogoutRedirectUris,
    grantTypes,
    responseTypes,
    ...(scopes && { scopes }),
    ...(clientUri !== undefined && { clientUri }),
    ...(logoUri !== undefined && { logoUri }),
    ...(initiateLoginUri !== undefined && { initiateLoginUri }),
    ...(jwks && { jwks }),
    ...(jwksUri !== undefined && { jwksUri }),
    ...(backchannelLogoutUri !== undefined && { backchannelLogoutUri }),
    consent,
    requirePkce,
  }
}

/** For the searches of this room. */
export function fromRow(row: Selectable<ClientTable>): Client {
  const { id, name, status, metadata, created_at: createdAt, updated_at: updatedAt } = row
  return { id, name, status, ...metadata, createdAt, updatedAt }
}
