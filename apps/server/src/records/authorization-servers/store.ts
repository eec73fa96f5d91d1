import { isDeepStrictEqual } from 'node:util'
import type { Selectable } from 'kysely'
import type { Reader, Transaction } from '../../platform/database/index.ts'
import { newId } from '../../platform/ids.ts'
import { type OrgId, touchOrg } from '../orgs/index.ts'
import {
  type AuthorizationServer,
  defaultServerId,
  defaultSettings,
  orgServerId,
  type ServerId,
  standardScopes,
} from './authorization-server.ts'
import type { AuthorizationServerInput } from './schema.ts'

interface AuthorizationServerTable {
  org_id: OrgId
  id: ServerId
  name: string
  description: string
  status: AuthorizationServer['status']
  audiences: AuthorizationServer['audiences']
  scopes: AuthorizationServer['scopes']
  claims: AuthorizationServer['claims']
  settings: AuthorizationServer['settings']
  created_at: number
  updated_at: number
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    authorization_server: AuthorizationServerTable
  }
}

export async function findAuthorizationServer(
  db: Reader,
  org: OrgId,
  id: ServerId,
): Promise<AuthorizationServer | undefined> {
  const row = await db
    .selectFrom('authorization_server')
    .selectAll()
    .where('org_id', '=', org)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && fromRow(row)
}

/** Lists an org's authorization servers, its own included, oldest first. */
export async function listAuthorizationServers(db: Reader, org: OrgId): Promise<AuthorizationServer[]> {
  const rows = await db
    .selectFrom('authorization_server')
    .selectAll()
    .where('org_id', '=', org)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  return rows.map(fromRow)
}

export type SavedAuthorizationServer = {
  readonly outcome: 'created' | 'updated' | 'unchanged'
  readonly server: AuthorizationServer
}

/**
 * Creates or replaces an authorization server; saving what is there already writes nothing.
 *
 * The standard scopes are part of every one: those that the input leaves out are added in front.
 */
export async function saveAuthorizationServer(
  tx: Transaction,
  org: OrgId,
  input: AuthorizationServerInput,
  now: number,
): Promise<SavedAuthorizationServer> {
  const { id = newId<ServerId>('aus'), name, description, status, audiences, claims, settings } = input
  const scopes = withStandardScopes(input.scopes)
  const changed = { name, description, status, audiences, scopes, claims, settings }
  const known = await findAuthorizationServer(tx, org, id)
  if (known) {
    const { id: _, createdAt, updatedAt, ...kept } = known
    if (isDeepStrictEqual(kept, changed)) return { outcome: 'unchanged', server: known }
  }
  await touchOrg(tx, org)
  const row = await tx
    .insertInto('authorization_server')
    .values({ org_id: org, id, created_at: now, updated_at: now, ...changed })
    .onConflict((conflict) => conflict.columns(['org_id', 'id']).doUpdateSet({ updated_at: now, ...changed }))
    .returningAll()
    .executeTakeFirstOrThrow()
  return { outcome: known ? 'updated' : 'created', server: fromRow(row) }
}

const defaultServers: readonly AuthorizationServerInput[] = [
  {
    id: orgServerId,
    name: 'Org authorization server',
    description: 'Signs people in to this org.',
    status: 'active',
    audiences: [],
    scopes: standardScopes,
    claims: [],
    settings: defaultSettings,
  },
  {
    id: defaultServerId,
    name: 'default',
    description: 'Default authorization server for your applications.',
    status: 'active',
    audiences: ['api://default'],
    scopes: standardScopes,
    claims: [],
    settings: defaultSettings,
  },
]

/**
 * Gives an org the two authorization servers that each org has, as far as they are missing.
 *
 * @returns whether any was missing
 */
export async function ensureDefaultServers(tx: Transaction, org: OrgId, now: number): Promise<boolean> {
  const known = new Set((await listAuthorizationServers(tx, org)).map(({ id }) => id))
  const missing = defaultServers.filter(({ id }) => id && !known.has(id))
  for (const server of missing) await saveAuthorizationServer(tx, org, server, now)
  return missing.length > 0
}

function withStandardScopes(scopes: AuthorizationServer['scopes']): AuthorizationServer['scopes'] {
  const named = new Set(scopes.map(({ name }) => name))
  return [...standardScopes.filter(({ name }) => !named.has(name)), ...scopes]
}

function fromRow(row: Selectable<AuthorizationServerTable>): AuthorizationServer {
  const { id, name, description, status, audiences, scopes, claims, settings } = row
  return {
    id,
    name,
    description,
    status,
    audiences,
    scopes,
    claims,
    settings,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
