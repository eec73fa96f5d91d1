import type { Transaction } from '../platform/database/index.ts'
import type { Vault } from '../platform/vault.ts'
import {
  type Client,
  type ClientId,
  type ClientInput,
  deleteClient,
  findClient,
  saveClient,
} from '../records/clients/index.ts'
import { recordEvent } from '../records/events/index.ts'
import { revokeGrantsOfClient } from '../records/grants/index.ts'
import { type Change, eventOf } from './change.ts'
import { directoryErrors } from './errors.ts'

export type ClientChange = Change & { vault: Vault }

/** Keeps a new client. @throws {LatchkeyError} `client_id_taken`, `invalid_client_metadata` */
export async function createClient(tx: Transaction, change: ClientChange, input: ClientInput): Promise<Client> {
  const { org, vault, at } = change
  if (input.id !== undefined && (await findClient(tx, org, input.id))) throw directoryErrors.client_id_taken()
  const { client } = await saveClient(tx, org, input, vault, at)
  await recordEvent(tx, org, 'client.created', { ...eventOf(change, { name: client.name }), clientId: client.id })
  return client
}

/** Makes a client what is given. @throws {LatchkeyError} `client_not_found`, `invalid_client_metadata` */
export async function updateClient(
  tx: Transaction,
  change: ClientChange,
  input: ClientInput & { readonly id: ClientId },
): Promise<Client> {
  const { org, vault, at } = change
  await getClient(tx, change, input.id)
  const { outcome, client } = await saveClient(tx, org, input, vault, at)
  if (outcome !== 'unchanged')
    await recordEvent(tx, org, 'client.updated', { ...eventOf(change, { name: client.name }), clientId: client.id })
  return client
}

/** Lets a client in, or keeps it out with everything that it holds. @throws {LatchkeyError} `client_not_found` */
export async function setClientStatus(
  tx: Transaction,
  change: ClientChange,
  id: ClientId,
  status: Client['status'],
): Promise<Client> {
  const { org, vault, at } = change
  const known = await getClient(tx, change, id)
  const { outcome, client } = await saveClient(tx, org, { ...known, status }, vault, at)
  const name = status === 'active' ? 'client.activated' : 'client.deactivated'
  if (outcome !== 'unchanged')
    await recordEvent(tx, org, name, { ...eventOf(change, { name: client.name }), clientId: id })
  return client
}

/** Deletes an inactive client and ends all its grants. @throws {LatchkeyError} `client_not_found`, `client_is_active` */
export async function removeClient(tx: Transaction, change: ClientChange, id: ClientId): Promise<void> {
  const { org, at } = change
  const { status, name } = await getClient(tx, change, id)
  if (status !== 'inactive')
    throw directoryErrors.client_is_active({ audit: { event: 'client.deleted', clientId: id } })
  for (const grantId of await revokeGrantsOfClient(tx, org, id, at))
    await recordEvent(tx, org, 'grant.revoked', {
      ...eventOf(change, { grantId }),
      clientId: id,
      reason: 'client_deleted',
    })
  await deleteClient(tx, org, id)
  await recordEvent(tx, org, 'client.deleted', { ...eventOf(change, { name }), clientId: id })
}

async function getClient(tx: Transaction, { org }: ClientChange, id: ClientId): Promise<Client> {
  const client = await findClient(tx, org, id)
  if (!client) throw directoryErrors.client_not_found()
  return client
}
