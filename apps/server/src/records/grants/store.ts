import type { Selectable } from 'kysely'
import { type Database, prepare, type Reader, type Transaction } from '../../platform/database/index.ts'
import { newId } from '../../platform/ids.ts'
import type { ServerId } from '../authorization-servers/index.ts'
import type { ClientId } from '../clients/index.ts'
import type { OrgId } from '../orgs/index.ts'
import type { SessionId } from '../sessions/index.ts'
import type { UserId } from '../users/index.ts'
import type { Grant, GrantDetails, GrantId } from './grant.ts'

interface GrantTable {
  org_id: OrgId
  id: GrantId
  server_id: ServerId
  client_id: ClientId
  user_id: UserId | null
  session_id: SessionId | null
  scopes: readonly string[]
  details: GrantDetails
  created_at: number
  expires_at: number
  revoked_at: number | null
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    oauth_grant: GrantTable
  }
}

export type NewGrant = Omit<Grant, 'id' | 'createdAt' | 'revokedAt'>

export async function insertGrant(tx: Transaction, org: OrgId, grant: NewGrant, now: number): Promise<Grant> {
  const row: GrantTable = {
    org_id: org,
    id: newId<GrantId>('oag'),
    server_id: grant.serverId,
    client_id: grant.clientId,
    user_id: grant.userId,
    session_id: grant.sessionId,
    scopes: grant.scopes,
    details: grant.details,
    created_at: now,
    expires_at: grant.expiresAt,
    revoked_at: null,
  }
  await insertRow(tx, row)
  return fromRow(row)
}

const insertRow = prepare((db, row: GrantTable) => db.insertInto('oauth_grant').values(row))

/** Finds a grant, live or not: `revokedAt` and `expiresAt` are the caller's to look at. */
export async function findGrant(db: Reader, org: OrgId, id: GrantId): Promise<Grant | undefined> {
  const [row] = await selectById(db, { org, id })
  return row && fromRow(row)
}

const selectById = prepare((db, { org, id }: { org: OrgId; id: GrantId }) =>
  db.selectFrom('oauth_grant').selectAll().where('org_id', '=', org).where('id', '=', id),
)

/** Ends a grant and with it all that came of it; true when it was live. */
export async function revokeGrant(tx: Transaction, org: OrgId, id: GrantId, now: number): Promise<boolean> {
  const revoked = await revokeLive(tx, org, now).where('id', '=', id).execute()
  return revoked.length > 0
}

/** Ends the live grants that came of a session and tells which. */
export async function revokeGrantsOfSession(
  tx: Transaction,
  org: OrgId,
  session: SessionId,
  now: number,
): Promise<GrantId[]> {
  const revoked = await revokeLive(tx, org, now).where('session_id', '=', session).execute()
  return revoked.map(({ id }) => id)
}

/** Ends a user's live grants, to one client or to all, and tells which. */
export async function revokeGrantsOfUser(
  tx: Transaction,
  org: OrgId,
  user: UserId,
  now: number,
  client?: ClientId,
): Promise<GrantId[]> {
  const revoked = await revokeLive(tx, org, now)
    .where('user_id', '=', user)
    .$if(client !== undefined, (query) => query.where('client_id', '=', client ?? ('' as ClientId)))
    .execute()
  return revoked.map(({ id }) => id)
}

/** Ends a client's live grants and tells which. */
export async function revokeGrantsOfClient(
  tx: Transaction,
  org: OrgId,
  client: ClientId,
  now: number,
): Promise<GrantId[]> {
  const revoked = await revokeLive(tx, org, now).where('client_id', '=', client).execute()
  return revoked.map(({ id }) => id)
}

/** Removes grants that are over by time, of every org, and tells how many. */
export async function removeExpiredGrants(db: Database, now: number): Promise<number> {
  const { numDeletedRows } = await db.deleteFrom('oauth_grant').where('expires_at', '<=', now).executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

function revokeLive(tx: Transaction, org: OrgId, now: number) {
  return tx
    .updateTable('oauth_grant')
    .set({ revoked_at: now })
    .where('org_id', '=', org)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .returning('id')
}

function fromRow(row: Selectable<GrantTable>): Grant {
  return {
    id: row.id,
    serverId: row.server_id,
    clientId: row.client_id,
    userId: row.user_id,
    sessionId: row.session_id,
    scopes: row.scopes,
    details: row.details,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
  }
}
