import { type Selectable, sql } from 'kysely'
import { minute } from '../../platform/clock.ts'
import { type Database, prepare, type Reader, type Transaction } from '../../platform/database/index.ts'
import { hashSecret } from '../../platform/hash.ts'
import { newId, newSecret } from '../../platform/ids.ts'
import type { ClientId } from '../clients/index.ts'
import type { OrgId } from '../orgs/index.ts'
import type { UserId } from '../users/index.ts'
import { mergeAuthentications } from './assurance.ts'
import { errors } from './errors.ts'
import type { Authentication, Session, SessionClient, SessionId, SessionLifetimes } from './session.ts'

interface SessionTable {
  org_id: OrgId
  id: SessionId
  token_hash: string
  user_id: UserId
  authentications: readonly Authentication[]
  clients: readonly SessionClient[]
  created_at: number
  last_seen_at: number
  idle_ms: number
  /** Never later than `expires_at`, so that looking at it alone is enough. */
  idle_expires_at: number
  expires_at: number
  ip: string | null
  user_agent: string | null
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    browser_session: SessionTable
  }
}

export type NewSession = {
  /** Made here unless the caller has to know them before the transaction. */
  readonly id?: SessionId
  readonly token?: string
  readonly userId: UserId
  readonly authentications: readonly Authentication[]
  readonly context: { readonly ip: string | null; readonly userAgent: string | null }
  readonly lifetimes: SessionLifetimes
}

/** A session and its token, which is known only now. */
export type OpenedSession = { readonly session: Session; readonly token: string }

export async function startSession(
  tx: Transaction,
  org: OrgId,
  { id = newId<SessionId>('102'), token = newSecret(), userId, authentications, context, lifetimes }: NewSession,
  now: number,
): Promise<OpenedSession> {
  const expiresAt = now + lifetimes.sessionLifetimeMs
  const row: SessionTable = {
    org_id: org,
    id,
    token_hash: hashSecret(token),
    user_id: userId,
    authentications: mergeAuthentications([], authentications),
    clients: [],
    created_at: now,
    last_seen_at: now,
    idle_ms: lifetimes.sessionIdleMs,
    idle_expires_at: Math.min(now + lifetimes.sessionIdleMs, expiresAt),
    expires_at: expiresAt,
    ip: context.ip,
    user_agent: context.userAgent,
  }
  await insertRow(tx, row)
  return { session: fromRow(row), token }
}

const insertRow = prepare((db, row: SessionTable) => db.insertInto('browser_session').values(row))

/** Finds the live session behind a cookie. */
export async function findSessionByToken(
  db: Reader,
  org: OrgId,
  token: string,
  now: number,
): Promise<Session | undefined> {
  const [row] = await selectByToken(db, { org, hash: hashSecret(token), now })
  return row && fromRow(row)
}

const selectByToken = prepare((db, { org, hash, now }: { org: OrgId; hash: string; now: number }) =>
  db
    .selectFrom('browser_session')
    .selectAll()
    .where('org_id', '=', org)
    .where('token_hash', '=', hash)
    .where('idle_expires_at', '>', now),
)

export async function findSession(db: Reader, org: OrgId, id: SessionId, now: number): Promise<Session | undefined> {
  const row = await db
    .selectFrom('browser_session')
    .selectAll()
    .where('org_id', '=', org)
    .where('id', '=', id)
    .where('idle_expires_at', '>', now)
    .executeTakeFirst()
  return row && fromRow(row)
}

/**
 * Adds authentications to a live session and changes its token, so that a token that was planted or seen before the
 * authentication is worth nothing after it.
 *
 * @throws {LatchkeyError} `session_not_found` when it has ended meanwhile
 */
export async function renewSession(
  tx: Transaction,
  org: OrgId,
  id: SessionId,
  { authentications, token = newSecret() }: Pick<NewSession, 'authentications' | 'token'>,
  now: number,
): Promise<OpenedSession> {
  const known = await lockSession(tx, org, id, now)
  if (!known) throw errors.session_not_found()
  const row = await tx
    .updateTable('browser_session')
    .set({
      token_hash: hashSecret(token),
      authentications: mergeAuthentications(known.authentications, authentications),
      last_seen_at: now,
      idle_expires_at: Math.min(now + known.idle_ms, known.expires_at),
    })
    .where('org_id', '=', org)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()
  return { session: fromRow(row), token }
}

/** Notes that the session was used, at most once a minute: the write is for the idle limit, not for statistics. */
export async function touchSession(
  db: Reader,
  org: OrgId,
  session: Pick<Session, 'id' | 'lastSeenAt'>,
  now: number,
): Promise<void> {
  if (now - session.lastSeenAt < minute) return
  await db
    .updateTable('browser_session')
    .set((eb) => {
      const idle = eb('idle_ms', '+', now)
      return {
        last_seen_at: now,
        idle_expires_at: eb.case().when(idle, '<', eb.ref('expires_at')).then(idle).else(eb.ref('expires_at')).end(),
      }
    })
    .where('org_id', '=', org)
    .where('id', '=', session.id)
    .where('last_seen_at', '<=', now - minute)
    .where('idle_expires_at', '>', now)
    .execute()
}

/** Notes that the session signed in to a client, so that the client can be told when it ends. */
export async function addSessionClient(
  tx: Transaction,
  org: OrgId,
  id: SessionId,
  clientId: ClientId,
  now: number,
): Promise<void> {
  const known = await lockSession(tx, org, id, now)
  if (!known) throw errors.session_not_found()
  if (known.clients.some((client) => client.clientId === clientId)) return
  await updateClients(tx, { org, id, clients: [...known.clients, { clientId, at: now }] })
}

type Clients = { org: OrgId; id: SessionId; clients: readonly SessionClient[] }

const updateClients = prepare((db, { org, id, clients }: Clients) =>
  db.updateTable('browser_session').set({ clients }).where('org_id', '=', org).where('id', '=', id),
)

/** Ends a session and returns it as it was, so that its clients can be told. */
export async function endSession(tx: Transaction, org: OrgId, id: SessionId): Promise<Session | undefined> {
  const row = await tx
    .deleteFrom('browser_session')
    .where('org_id', '=', org)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst()
  return row && fromRow(row)
}

/** Ends a user's sessions, all of them or all but one, and returns them as they were. */
export async function endSessionsOfUser(
  tx: Transaction,
  org: OrgId,
  user: UserId,
  except?: SessionId,
): Promise<Session[]> {
  const rows = await tx
    .deleteFrom('browser_session')
    .where('org_id', '=', org)
    .where('user_id', '=', user)
    .$if(except !== undefined, (query) => query.where('id', '!=', except ?? ('' as SessionId)))
    .returningAll()
    .execute()
  return rows.map(fromRow)
}

/** Lists a user's live sessions, newest first. */
export async function listSessions(db: Reader, org: OrgId, user: UserId, now: number): Promise<Session[]> {
  const rows = await db
    .selectFrom('browser_session')
    .selectAll()
    .where('org_id', '=', org)
    .where('user_id', '=', user)
    .where('idle_expires_at', '>', now)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute()
  return rows.map(fromRow)
}

/** Removes sessions that are over, of every org, and tells how many. */
export async function removeExpiredSessions(db: Database, now: number): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('browser_session')
    .where('idle_expires_at', '<=', now)
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

/** Reads a live session and holds its row: a list inside it is changed by reading it first, one change at a time. */
async function lockSession(
  tx: Transaction,
  org: OrgId,
  id: SessionId,
  now: number,
): Promise<Selectable<SessionTable> | undefined> {
  return (await lockRow(tx, { org, id, now }))[0]
}

// An update that changes nothing locks on PostgreSQL; SQLite has one writer and knows no `for update`.
const lockRow = prepare((db, { org, id, now }: { org: OrgId; id: SessionId; now: number }) =>
  db
    .updateTable('browser_session')
    .set({ idle_ms: sql<number>`idle_ms` })
    .where('org_id', '=', org)
    .where('id', '=', id)
    .where('idle_expires_at', '>', now)
    .returningAll(),
)

function fromRow(row: Selectable<SessionTable>): Session {
  return {
    id: row.id,
    userId: row.user_id,
    authentications: row.authentications,
    clients: row.clients,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    idleExpiresAt: row.idle_expires_at,
    expiresAt: row.expires_at,
    ip: row.ip,
    userAgent: row.user_agent,
  }
}
