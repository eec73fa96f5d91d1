import type { Selectable } from 'kysely'
import type { Reader, Transaction } from '../../../platform/database/index.ts'
import type { ServerId } from '../../authorization-servers/index.ts'
import type { ClientId } from '../../clients/index.ts'
import type { OrgId } from '../../orgs/index.ts'
import type { UserId } from '../../users/index.ts'
import type { Consent } from './consent.ts'

interface ConsentTable {
  org_id: OrgId
  user_id: UserId
  client_id: ClientId
  server_id: ServerId
  scopes: readonly string[]
  created_at: number
  updated_at: number
}

declare module '../../../platform/database/schema.ts' {
  interface Schema {
    consent: ConsentTable
  }
}

/** Finds the scopes that a person has allowed a client; undefined when they were never asked. */
export async function findConsent(
  db: Reader,
  org: OrgId,
  user: UserId,
  client: ClientId,
  server: ServerId,
): Promise<readonly string[] | undefined> {
  const row = await db
    .selectFrom('consent')
    .select('scopes')
    .where('org_id', '=', org)
    .where('user_id', '=', user)
    .where('client_id', '=', client)
    .where('server_id', '=', server)
    .executeTakeFirst()
  return row?.scopes
}

/** Adds scopes to those that a person has allowed a client. */
export async function saveConsent(
  tx: Transaction,
  org: OrgId,
  consent: Pick<Consent, 'userId' | 'clientId' | 'serverId' | 'scopes'>,
  now: number,
): Promise<void> {
  const { userId, clientId, serverId } = consent
  // Two answers in one moment may leave only one of them: its scopes are then asked for once more.
  const known = await findConsent(tx, org, userId, clientId, serverId)
  const scopes = [...new Set([...(known ?? []), ...consent.scopes])]
  await tx
    .insertInto('consent')
    .values({
      org_id: org,
      user_id: userId,
      client_id: clientId,
      server_id: serverId,
      scopes,
      created_at: now,
      updated_at: now,
    })
    .onConflict((conflict) =>
      conflict.columns(['org_id', 'user_id', 'client_id', 'server_id']).doUpdateSet({ scopes, updated_at: now }),
    )
    .execute()
}

/** Lists what a person has allowed, oldest first. */
export async function listConsents(db: Reader, org: OrgId, user: UserId): Promise<Consent[]> {
  const rows = await db
    .selectFrom('consent')
    .selectAll()
    .where('org_id', '=', org)
    .where('user_id', '=', user)
    .orderBy('created_at')
    .orderBy('client_id')
    .orderBy('server_id')
    .execute()
  return rows.map(fromRow)
}

/**
 * Takes back what a person has allowed a client, at one authorization server or at all; true when there was something.
 * Grants given by it are to be revoked in the same transaction.
 */
export async function revokeConsent(
  tx: Transaction,
  org: OrgId,
  user: UserId,
  client: ClientId,
  server?: ServerId,
): Promise<boolean> {
  const rows = await tx
    .deleteFrom('consent')
    .where('org_id', '=', org)
    .where('user_id', '=', user)
    .where('client_id', '=', client)
    .$if(server !== undefined, (query) => query.where('server_id', '=', server ?? ('' as ServerId)))
    .returning('server_id')
    .execute()
  return rows.length > 0
}

function fromRow(row: Selectable<ConsentTable>): Consent {
  return {
    userId: row.user_id,
    clientId: row.client_id,
    serverId: row.server_id,
    scopes: row.scopes,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
