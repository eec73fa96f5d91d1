import type { Selectable } from 'kysely'
import { minute } from '../../platform/clock.ts'
import type { Reader, Transaction } from '../../platform/database/index.ts'
import { hashSecret } from '../../platform/hash.ts'
import { newId, newSecret } from '../../platform/ids.ts'
import type { OrgId } from '../orgs/index.ts'
import type { UserId } from '../users/index.ts'
import type { ApiToken, ApiTokenId } from './api-token.ts'
import { errors } from './errors.ts'

interface ApiTokenTable {
  org_id: OrgId
  id: ApiTokenId
  name: string
  hash: string
  user_id: UserId | null
  created_at: number
  last_used_at: number | null
  expires_at: number | null
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    api_token: ApiTokenTable
  }
}

export type NewApiToken = {
  readonly name: string
  /** Made here unless an operator brings one; it must then be as hard to guess. */
  readonly value?: string
  readonly userId?: UserId | null
  readonly expiresAt?: number | null
}

/**
 * Keeps a new token and returns it with its value, which is known only now.
 *
 * @throws {LatchkeyError} `api_token_taken`
 */
export async function insertApiToken(
  tx: Transaction,
  org: OrgId,
  { name, value = newValue(), userId = null, expiresAt = null }: NewApiToken,
  now: number,
): Promise<{ readonly apiToken: ApiToken; readonly value: string }> {
  const row = await tx
    .insertInto('api_token')
    .values({
      org_id: org,
      id: newId<ApiTokenId>('00T'),
      name,
      hash: hashSecret(value),
      user_id: userId,
      created_at: now,
      last_used_at: null,
      expires_at: expiresAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
  if (!row) throw errors.api_token_taken()
  return { apiToken: fromRow(row), value }
}

/** Finds the token behind a value, unless it has expired. */
export async function findApiTokenByValue(
  db: Reader,
  org: OrgId,
  value: string,
  now: number,
): Promise<ApiToken | undefined> {
  const row = await db
    .selectFrom('api_token')
    .selectAll()
    .where('org_id', '=', org)
    .where('hash', '=', hashSecret(value))
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .executeTakeFirst()
  return row && fromRow(row)
}

/** Lists an org's tokens, expired ones included, oldest first. */
export async function listApiTokens(db: Reader, org: OrgId): Promise<ApiToken[]> {
  const rows = await db
    .selectFrom('api_token')
    .selectAll()
    .where('org_id', '=', org)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  return rows.map(fromRow)
}

/** Notes that a token was used, at most once a minute. */
export async function touchApiToken(
  db: Reader,
  org: OrgId,
  token: Pick<ApiToken, 'id' | 'lastUsedAt'>,
  now: number,
): Promise<void> {
  if (token.lastUsedAt !== null && now - token.lastUsedAt < minute) return
  await db
    .updateTable('api_token')
    .set({ last_used_at: now })
    .where('org_id', '=', org)
    .where('id', '=', token.id)
    .where((eb) => eb.or([eb('last_used_at', 'is', null), eb('last_used_at', '<=', now - minute)]))
    .execute()
}

/** Ends a token; true when there was one. */
export async function revokeApiToken(tx: Transaction, org: OrgId, id: ApiTokenId): Promise<boolean> {
  const row = await tx
    .deleteFrom('api_token')
    .where('org_id', '=', org)
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Okta's tokens begin with `00`, and tools look for that. */
function newValue(): string {
  return `00${newSecret(30)}`
}

function fromRow(row: Selectable<ApiTokenTable>): ApiToken {
  return {
    id: row.id,
    name: row.name,
    userId: row.user_id,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
  }
}
