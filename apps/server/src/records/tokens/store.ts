import { type Selectable, sql } from 'kysely'
import { day } from '../../platform/clock.ts'
import { type Database, prepare, type Reader, type Transaction } from '../../platform/database/index.ts'
import { hashSecret } from '../../platform/hash.ts'
import type { ClientId } from '../clients/index.ts'
import type { GrantId } from '../grants/index.ts'
import type { OrgId } from '../orgs/index.ts'
import type { NewToken, ProofKind, StoredToken, TokenDetails, TokenKind } from './token.ts'

interface TokenTable {
  org_id: OrgId
  hash: string
  kind: TokenKind
  grant_id: GrantId | null
  client_id: ClientId | null
  details: TokenDetails
  created_at: number
  expires_at: number
  redeemed_at: number | null
  redemptions: number
  revoked_at: number | null
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    token: TokenTable
  }
}

/** Keeps a token by its hash. Saving a value again changes nothing: an access token may be revoked twice. */
export async function saveToken(tx: Reader, org: OrgId, token: NewToken, now: number): Promise<void> {
  await insertRow(tx, {
    org_id: org,
    hash: hashSecret(token.value),
    kind: token.kind,
    grant_id: token.grantId ?? null,
    client_id: token.clientId ?? null,
    details: token.details,
    created_at: now,
    expires_at: token.expiresAt,
    redeemed_at: null,
    redemptions: 0,
    revoked_at: null,
  })
}

const insertRow = prepare((db, row: TokenTable) =>
  db
    .insertInto('token')
    .values(row)
    .onConflict((conflict) => conflict.doNothing()),
)

/**
 * Remembers that a proof was there until it would expire by itself; true the first time, of many at once for one.
 *
 * @param proof.value what makes it unique, its maker's name included: two makers may choose the same id
 */
export async function takeProof(
  db: Reader,
  org: OrgId,
  { kind, value, expiresAt }: { kind: ProofKind; value: string; expiresAt: number },
  now: number,
): Promise<boolean> {
  const row = await db
    .insertInto('token')
    .values({
      org_id: org,
      hash: hashSecret(`${kind}\0${value}`),
      kind,
      grant_id: null,
      client_id: null,
      details: {},
      created_at: now,
      expires_at: expiresAt,
      redeemed_at: now,
      redemptions: 1,
      revoked_at: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('hash')
    .executeTakeFirst()
  return row !== undefined
}

export type Redemption<Details extends TokenDetails> =
  | { readonly outcome: 'redeemed'; readonly token: StoredToken<Details> }
  /** It was redeemed before, so that two parties hold it: what it gave is to be revoked (RFC 6749 §4.1.2). */
  | { readonly outcome: 'reused'; readonly token: StoredToken<Details> }
  | { readonly outcome: 'unknown' }

/**
 * Redeems a token, at most once.
 *
 * One statement counts the attempt and says whether it was the first; of many at once, one wins. A token that expired
 * or was revoked before anyone redeemed it is unknown; a redeemed one is recognised as long as it is kept.
 */
export async function redeemToken<Details extends TokenDetails = Readonly<Record<string, unknown>>>(
  db: Reader,
  org: OrgId,
  kind: TokenKind,
  value: string,
  now: number,
): Promise<Redemption<Details>> {
  const [row] = await redeemRow(db, { org, hash: hashSecret(value), kind, now })
  if (!row) return { outcome: 'unknown' }
  return { outcome: row.redemptions === 1 ? 'redeemed' : 'reused', token: fromRow<Details>(row) }
}

const redeemRow = prepare((db, { org, hash, kind, now }: { org: OrgId; hash: string; kind: TokenKind; now: number }) =>
  db
    .updateTable('token')
    .set((eb) => ({
      redeemed_at: eb.fn.coalesce('redeemed_at', sql<number>`cast(${now} as bigint)`),
      redemptions: eb('redemptions', '+', 1),
    }))
    .where('org_id', '=', org)
    .where('hash', '=', hash)
    .where('kind', '=', kind)
    .where((eb) =>
      eb.or([eb('redeemed_at', 'is not', null), eb.and([eb('expires_at', '>', now), eb('revoked_at', 'is', null)])]),
    )
    .returningAll(),
)

/** Finds a token that has not expired, whether or not it was redeemed or revoked. */
export async function findToken<Details extends TokenDetails = Readonly<Record<string, unknown>>>(
  db: Reader,
  org: OrgId,
  kind: TokenKind,
  value: string,
  now: number,
): Promise<StoredToken<Details> | undefined> {
  const row = await db
    .selectFrom('token')
    .selectAll()
    .where('org_id', '=', org)
    .where('hash', '=', hashSecret(value))
    .where('kind', '=', kind)
    .where('expires_at', '>', now)
    .executeTakeFirst()
  return row && fromRow<Details>(row)
}

/** Revokes one token; true when it was neither revoked nor expired. */
export async function revokeToken(
  tx: Transaction,
  org: OrgId,
  kind: TokenKind,
  value: string,
  now: number,
): Promise<boolean> {
  const row = await tx
    .updateTable('token')
    .set({ revoked_at: now })
    .where('org_id', '=', org)
    .where('hash', '=', hashSecret(value))
    .where('kind', '=', kind)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .returning('hash')
    .executeTakeFirst()
  return row !== undefined
}

/** Revokes every code and refresh token of a grant and tells how many; access tokens end with the grant itself. */
export async function revokeTokensOfGrant(tx: Transaction, org: OrgId, grant: GrantId, now: number): Promise<number> {
  const rows = await tx
    .updateTable('token')
    .set({ revoked_at: now })
    .where('org_id', '=', org)
    .where('grant_id', '=', grant)
    .where('revoked_at', 'is', null)
    .returning('hash')
    .execute()
  return rows.length
}

/** A day, so that a code of one minute that comes again later still gives the thief away. */
const keptAfterRedemption = day

/** These are refused by their own time as soon as they are forgotten. */
const proofKinds = ['client-assertion', 'request-object', 'dpop-proof'] as const satisfies readonly ProofKind[]

/** Removes tokens that are over, of every org, and tells how many. Redeemed ones stay a day longer. */
export async function removeExpiredTokens(db: Database, now: number): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('token')
    .where('expires_at', '<=', now)
    .where((eb) =>
      eb.or([
        eb('redeemed_at', 'is', null),
        eb('kind', 'in', proofKinds),
        eb('expires_at', '<=', now - keptAfterRedemption),
      ]),
    )
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

function fromRow<Details extends TokenDetails>(row: Selectable<TokenTable>): StoredToken<Details> {
  return {
    kind: row.kind,
    grantId: row.grant_id,
    clientId: row.client_id,
    details: row.details as Details,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    redeemedAt: row.redeemed_at,
    revokedAt: row.revoked_at,
  }
}
