import type { Selectable } from 'kysely'
import { prepare, type Reader, type Transaction } from '../../platform/database/index.ts'
import type { OrgId } from '../orgs/index.ts'
import type { UserId } from '../users/index.ts'
import { normalisePasskeyName, type StoredCredential } from './credential.ts'
import { errors } from './errors.ts'

interface CredentialTable {
  org_id: OrgId
  rp_id: string
  id: string
  user_id: UserId
  user_handle: string
  public_key: Uint8Array
  algorithm: number
  sign_count: number
  backup_eligible: boolean
  backup_state: boolean
  uv_initialized: boolean
  transports: StoredCredential['transports']
  aaguid: string
  attachment: NonNullable<StoredCredential['attachment']> | null
  discoverable: boolean | null
  attestation: StoredCredential['attestation']
  name: string
  created_automatically: boolean
  created_at: number
  last_used_at: number | null
  last_used_user_agent: string | null
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    credential: CredentialTable
  }
}

export async function findCredential(
  db: Reader,
  org: OrgId,
  rpId: string,
  id: string,
): Promise<StoredCredential | undefined> {
  const [row] = await selectById(db, { org, rpId, id })
  return row && fromRow(row)
}

const selectById = prepare((db, { org, rpId, id }: { org: OrgId; rpId: string; id: string }) =>
  db.selectFrom('credential').selectAll().where('org_id', '=', org).where('rp_id', '=', rpId).where('id', '=', id),
)

/** Lists a user's passkeys, oldest first; of every RP ID unless one is named. */
export async function listCredentials(
  db: Reader,
  org: OrgId,
  user: UserId,
  rpId?: string,
): Promise<StoredCredential[]> {
  const rows = await db
    .selectFrom('credential')
    .selectAll()
    .where('org_id', '=', org)
    .where('user_id', '=', user)
    .$if(rpId !== undefined, (query) => query.where('rp_id', '=', rpId ?? ''))
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  return rows.map(fromRow)
}

/** Counts a user's passkeys; of every RP ID unless one is named. */
export async function countCredentials(db: Reader, org: OrgId, user: UserId, rpId?: string): Promise<number> {
  const row = await db
    .selectFrom('credential')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('org_id', '=', org)
    .where('user_id', '=', user)
    .$if(rpId !== undefined, (query) => query.where('rp_id', '=', rpId ?? ''))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/**
 * Keeps a new passkey.
 *
 * @param options.limit how many the user may then have for this RP ID
 * @throws {LatchkeyError} `passkey_already_registered`, `passkey_limit_reached`
 */
export async function insertCredential(
  tx: Transaction,
  org: OrgId,
  credential: StoredCredential,
  options: { limit?: number } = {},
): Promise<void> {
  const inserted = await tx
    .insertInto('credential')
    .values(toRow(org, credential))
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!inserted) throw errors.passkey_already_registered()
  if (options.limit === undefined) return
  // Counted after the insert. Two ceremonies that finish in the same moment on PostgreSQL may both pass: the limit
  // keeps a list readable and is no security boundary, so it is not worth a lock on the user.
  const count = await countCredentials(tx, org, credential.userId, credential.rpId)
  if (count > options.limit) throw errors.passkey_limit_reached({ details: { limit: options.limit } })
}

/**
 * Saves what an authentication learned about a passkey, as the newest use of it.
 *
 * Two uses may be saved in another order than they happened: the sign count only rises, and the backup state is taken
 * from the newer use.
 *
 * @throws {LatchkeyError} `passkey_not_found` when it was removed while it was being verified
 */
export async function saveUse(
  tx: Transaction,
  org: OrgId,
  credential: StoredCredential,
  use: { at: number; userAgent: string | null },
): Promise<void> {
  const { rpId, id, userId, signCount, backupState, uvInitialized } = credential
  const [saved] = await updateUse(tx, { org, rpId, id, userId, signCount, backupState, uvInitialized, ...use })
  if (!saved) throw errors.passkey_not_found()
}

type Use = Pick<StoredCredential, 'rpId' | 'id' | 'userId' | 'signCount' | 'backupState' | 'uvInitialized'> & {
  org: OrgId
  at: number
  userAgent: string | null
}

const updateUse = prepare((db, use: Use) =>
  db
    .updateTable('credential')
    .set((eb) => {
      const isNewest = eb.or([eb('last_used_at', 'is', null), eb('last_used_at', '<=', use.at)])
      // `val`, because Kysely writes bare numbers and booleans into the text, and each use would be one of its own.
      const [count, state] = [eb.val(use.signCount), eb.val(use.backupState)]
      const [verified, at] = [eb.val(use.uvInitialized), eb.val(use.at)]
      return {
        sign_count: eb.case().when('sign_count', '<', count).then(count).else(eb.ref('sign_count')).end(),
        backup_state: eb.case().when(isNewest).then(state).else(eb.ref('backup_state')).end(),
        uv_initialized: eb.case().when('uv_initialized', '=', true).then(true).else(verified).end(),
        last_used_user_agent: eb.case().when(isNewest).then(use.userAgent).else(eb.ref('last_used_user_agent')).end(),
        last_used_at: eb.case().when(isNewest).then(at).else(eb.ref('last_used_at')).end(),
      }
    })
    .where('org_id', '=', use.org)
    .where('rp_id', '=', use.rpId)
    .where('id', '=', use.id)
    .where('user_id', '=', use.userId)
    .returning('id'),
)

/** @throws {LatchkeyError} `passkey_not_found`, also for another user's passkey; `passkey_name_invalid` */
export async function renameCredential(
  tx: Transaction,
  org: OrgId,
  user: UserId,
  id: string,
  name: string,
): Promise<void> {
  const renamed = await tx
    .updateTable('credential')
    .set({ name: normalisePasskeyName(name) })
    .where('org_id', '=', org)
    .where('user_id', '=', user)
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst()
  if (!renamed) throw errors.passkey_not_found()
}

/** Removes a user's passkey and returns it as it was; nothing happens to another user's. */
export async function removeCredential(
  tx: Transaction,
  org: OrgId,
  user: UserId,
  id: string,
): Promise<StoredCredential | undefined> {
  const row = await tx
    .deleteFrom('credential')
    .where('org_id', '=', org)
    .where('user_id', '=', user)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst()
  return row && fromRow(row)
}

function toRow(org: OrgId, credential: StoredCredential): CredentialTable {
  return {
    org_id: org,
    rp_id: credential.rpId,
    id: credential.id,
    user_id: credential.userId,
    user_handle: credential.userHandle,
    public_key: credential.publicKey,
    algorithm: credential.algorithm,
    sign_count: credential.signCount,
    backup_eligible: credential.backupEligible,
    backup_state: credential.backupState,
    uv_initialized: credential.uvInitialized,
    transports: credential.transports,
    aaguid: credential.aaguid,
    attachment: credential.attachment ?? null,
    discoverable: credential.discoverable ?? null,
    attestation: credential.attestation,
    name: normalisePasskeyName(credential.name),
    created_automatically: credential.createdAutomatically,
    created_at: credential.createdAt,
    last_used_at: credential.lastUsedAt,
    last_used_user_agent: credential.lastUsedUserAgent,
  }
}

function fromRow(row: Selectable<CredentialTable>): StoredCredential {
  return {
    id: row.id,
    rpId: row.rp_id,
    userHandle: row.user_handle,
    publicKey: row.public_key,
    algorithm: row.algorithm,
    signCount: row.sign_count,
    backupEligible: row.backup_eligible,
    backupState: row.backup_state,
    uvInitialized: row.uv_initialized,
    transports: row.transports,
    aaguid: row.aaguid,
    ...(row.attachment !== null && { attachment: row.attachment }),
    ...(row.discoverable !== null && { discoverable: row.discoverable }),
    attestation: row.attestation,
    userId: row.user_id,
    name: row.name,
    createdAutomatically: row.created_automatically,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    lastUsedUserAgent: row.last_used_user_agent,
  }
}
