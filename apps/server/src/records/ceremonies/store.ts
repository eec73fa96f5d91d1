import type { Ceremony } from '@latchkey/webauthn'
import type { Selectable } from 'kysely'
import { type Database, prepare, type Reader } from '../../platform/database/index.ts'
import { newId } from '../../platform/ids.ts'
import type { OrgId } from '../orgs/index.ts'
import type { UserId } from '../users/index.ts'
import type { CeremonyId, CeremonyPurpose, StoredCeremony } from './ceremony.ts'

interface CeremonyTable {
  org_id: OrgId
  id: CeremonyId
  purpose: CeremonyPurpose
  bound_to: string
  user_id: UserId | null
  challenge: string
  rp_id: string
  origins: Ceremony['origins']
  top_origins: NonNullable<Ceremony['topOrigins']> | null
  user_verification: Ceremony['userVerification']
  algorithms: Ceremony['algorithms']
  user_handle: string | null
  conditional: boolean
  created_at: number
  expires_at: number
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    ceremony: CeremonyTable
  }
}

export type NewCeremony = Omit<StoredCeremony, 'id' | 'createdAt'>

/** Keeps a request that is about to be sent. */
export async function saveCeremony(
  db: Reader,
  org: OrgId,
  ceremony: NewCeremony,
  now: number,
): Promise<StoredCeremony> {
  const stored: StoredCeremony = { ...ceremony, id: newId<CeremonyId>('cer'), createdAt: now }
  await insertRow(db, {
    org_id: org,
    id: stored.id,
    purpose: stored.purpose,
    bound_to: stored.boundTo,
    user_id: stored.userId,
    challenge: stored.challenge,
    rp_id: stored.rpId,
    origins: stored.origins,
    top_origins: stored.topOrigins ?? null,
    user_verification: stored.userVerification,
    algorithms: stored.algorithms,
    user_handle: stored.userHandle ?? null,
    conditional: stored.conditional ?? false,
    created_at: stored.createdAt,
    expires_at: stored.expiresAt,
  })
  return stored
}

const insertRow = prepare((db, row: CeremonyTable) => db.insertInto('ceremony').values(row))

/**
 * Removes the ceremony and returns it, so that a challenge answers at most once.
 *
 * The purpose and the binding are part of the question: whoever learned the id alone can neither answer the ceremony
 * nor spend it for the browser that it was sent to.
 */
export async function takeCeremony(
  db: Reader,
  org: OrgId,
  purpose: CeremonyPurpose,
  id: CeremonyId,
  boundTo: string,
  now: number,
): Promise<StoredCeremony | undefined> {
  const [row] = await takeRow(db, { org, purpose, id, boundTo, now })
  return row && fromRow(row)
}

type Taking = { org: OrgId; purpose: CeremonyPurpose; id: CeremonyId; boundTo: string; now: number }

const takeRow = prepare((db, { org, purpose, id, boundTo, now }: Taking) =>
  db
    .deleteFrom('ceremony')
    .where('org_id', '=', org)
    .where('id', '=', id)
    .where('purpose', '=', purpose)
    .where('bound_to', '=', boundTo)
    .where('expires_at', '>', now)
    .returningAll(),
)

/** Removes ceremonies that nobody answered, of every org, and tells how many. */
export async function removeExpiredCeremonies(db: Database, now: number): Promise<number> {
  const { numDeletedRows } = await db.deleteFrom('ceremony').where('expires_at', '<=', now).executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

function fromRow(row: Selectable<CeremonyTable>): StoredCeremony {
  return {
    id: row.id,
    purpose: row.purpose,
    boundTo: row.bound_to,
    userId: row.user_id,
    challenge: row.challenge,
    rpId: row.rp_id,
    origins: row.origins,
    ...(row.top_origins !== null && { topOrigins: row.top_origins }),
    userVerification: row.user_verification,
    algorithms: row.algorithms,
    ...(row.user_handle !== null && { userHandle: row.user_handle }),
    ...(row.conditional && { conditional: true }),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }
}
