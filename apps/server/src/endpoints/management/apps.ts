import { createClient, removeClient, setClientStatus, updateClient } from '../../directory/index.ts'
import { inTransaction } from '../../platform/database/index.ts'
import { newSecret } from '../../platform/ids.ts'
import {
  type Client,
  type ClientInput,
  findClient,
  loadClientSecrets,
  searchClients,
} from '../../records/clients/index.ts'
import { appOf } from './app-view.ts'
import { appBody, appField, appParams, createQuery, listQuery, toClientInput } from './apps.schema.ts'
import { invalid, managementErrors, notFound } from './errors.ts'
import type { House } from './house.ts'
import { cursorAfter, cutPage, linkPages, positionOf } from './paging.ts'
import { parseBody, parseQuery, refuseBody } from './parse.ts'
import type { Call, Handler, Route } from './route.ts'

const manage = 'okta.apps.manage'

export const appRoutes: readonly Route[] = [
  ['POST', '/api/v1/apps', manage, create],
  ['GET', '/api/v1/apps', 'okta.apps.read', list],
  ['GET', '/api/v1/apps/:id', 'okta.apps.read', get],
  ['PUT', '/api/v1/apps/:id', manage, replace],
  ['DELETE', '/api/v1/apps/:id', manage, remove],
  ['POST', '/api/v1/apps/:id/lifecycle/activate', manage, lifecycle('active')],
  ['POST', '/api/v1/apps/:id/lifecycle/deactivate', manage, lifecycle('inactive')],
]

async function create(house: House, call: Call): Promise<object> {
  const { activate } = parseQuery(createQuery, call.request.query)
  const input = withSecret(toClientInput(parseBody(appBody, call.request.body), activate ? 'active' : 'inactive'))
  const change = { ...call.change, vault: house.vault }
  const client = await inTransaction(house.db, (tx) => createClient(tx, change, input))
  return await show(house, call, client)
}

/** A client that proves itself with a secret has one from the beginning. */
function withSecret(input: ClientInput): ClientInput {
  const needsSecret = input.tokenEndpointAuthMethod.startsWith('client_secret')
  return needsSecret && !input.secrets ? { ...input, secrets: [newSecret()] } : input
}

async function list({ db }: House, { request, reply, org }: Call): Promise<object> {
  const { q, filter, limit, after } = parseQuery(listQuery, request.query)
  if (q !== undefined && filter) throw managementErrors.search_conflict()
  const clients = await searchClients(db, org.id, {
    limit: limit + 1,
    ...(after !== undefined && { after: positionOf(after) }),
    ...(filter && { filter, fieldOf: appField }),
    ...(q !== undefined && { prefix: q }),
  })
  const { page, last } = cutPage(clients, limit)
  linkPages(request, reply, last && { after: cursorAfter(last), limit: String(limit) })
  // Without secrets: who looks through a list has no use for all of them at once.
  return page.map((client) => appOf(org, client))
}

async function get(house: House, call: Call): Promise<object> {
  return await show(house, call, await named(house, call))
}

async function replace(house: House, call: Call): Promise<object> {
  const known = await named(house, call)
  const body = parseBody(appBody, call.request.body)
  const { id = known.id, ...given } = toClientInput(body, known.status)
  if (id !== known.id) throw invalid('client_id', 'client_id: The client id of an app cannot be changed')
  const input = { ...(await withUsableSecret(house, call, known, given)), ...keptOf(known), id }
  const change = { ...call.change, vault: house.vault }
  const client = await inTransaction(house.db, (tx) => updateClient(tx, change, input))
  return await show(house, call, client)
}

/** What apps have no member for stays as it is. */
function keptOf({ scopes }: Client): Partial<ClientInput> {
  return scopes ? { scopes } : {}
}

/** A client that begins to need a secret gets one; one that needs none any more gives up those that it has. */
async function withUsableSecret({ db, vault }: House, { org }: Call, known: Client, input: ClientInput) {
  if (!input.tokenEndpointAuthMethod.startsWith('client_secret')) return { ...input, secrets: [] }
  const [first] = await loadClientSecrets(db, vault, org.id, known.id)
  return first === undefined ? withSecret(input) : input
}

async function remove(house: House, call: Call): Promise<undefined> {
  const { id } = await named(house, call)
  await inTransaction(house.db, (tx) => removeClient(tx, { ...call.change, vault: house.vault }, id))
}

function lifecycle(status: Client['status']): Handler {
  return async (house, call) => {
    refuseBody(call.request.body)
    const { id } = await named(house, call)
    await inTransaction(house.db, (tx) => setClientStatus(tx, { ...call.change, vault: house.vault }, id, status))
    return {}
  }
}

async function named({ db }: House, { request, org }: Call): Promise<Client> {
  const { id } = parseQuery(appParams, request.params)
  const client = await findClient(db, org.id, id)
  if (!client) throw notFound(id, 'AppInstance')
  return client
}

async function show({ db, vault }: House, { org }: Call, client: Client): Promise<object> {
  const [secret] = await loadClientSecrets(db, vault, org.id, client.id)
  return appOf(org, client, secret)
}
