import type { Credential } from '@latchkey/webauthn'
import type { Transaction } from '../platform/database/index.ts'
import type { RequestContext } from '../platform/http/index.ts'
import type { Vault } from '../platform/vault.ts'
import {
  countCredentials,
  credentialErrors,
  defaultPasskeyLimit,
  insertCredential,
  normalisePasskeyName,
  removeCredential,
  renameCredential,
  type StoredCredential,
} from '../records/credentials/index.ts'
import { recordEvent } from '../records/events/index.ts'
import type { Org } from '../records/orgs/index.ts'
import { findPasswordHash, listAddresses, type UserId } from '../records/users/index.ts'
import { deviceName } from './device-name.ts'
import { directoryErrors } from './errors.ts'
import { notifyUser } from './notify.ts'

export type PasskeyChange = {
  vault: Vault
  org: Org
  userId: UserId
  at: number
  context?: RequestContext
}

/** Keeps a new passkey, records it and tells its owner. @throws what `insertCredential` throws */
export async function addPasskey(
  tx: Transaction,
  change: PasskeyChange,
  credential: Credential,
  options: { isAutomatic?: boolean } = {},
): Promise<StoredCredential> {
  const { vault, org, userId, at, context } = change
  const stored: StoredCredential = {
    ...credential,
    userId,
    name: credential.transports.includes('usb') ? 'Security key' : deviceName(context?.userAgent),
    createdAutomatically: options.isAutomatic ?? false,
    createdAt: at,
    lastUsedAt: null,
    lastUsedUserAgent: null,
  }
  await insertCredential(tx, org.id, stored, { limit: org.settings.passkeyLimit ?? defaultPasskeyLimit })
  const { id: credentialId, rpId, aaguid, backupEligible } = credential
  const details = { credentialId, rpId, aaguid, backupEligible, isAutomatic: stored.createdAutomatically }
  await recordEvent(tx, org.id, 'passkey.created', { at, userId, details, ...(context && { context }) })
  await notifyUser(
    tx,
    vault,
    org.id,
    userId,
    { template: 'passkey-added', values: { name: stored.name, org: org.name } },
    at,
  )
  return stored
}

/** Gives a passkey another name and tells its owner. @throws {LatchkeyError} `passkey_not_found`, `passkey_name_invalid` */
export async function renamePasskey(tx: Transaction, change: PasskeyChange, id: string, name: string): Promise<void> {
  const { vault, org, userId, at, context } = change
  await renameCredential(tx, org.id, userId, id, name)
  await recordEvent(tx, org.id, 'passkey.renamed', {
    at,
    userId,
    details: { credentialId: id },
    ...(context && { context }),
  })
  const values = { name: normalisePasskeyName(name), org: org.name }
  await notifyUser(tx, vault, org.id, userId, { template: 'passkey-renamed', values }, at)
}

/**
 * Removes a passkey, records it and tells its owner.
 *
 * @param tx a serializable one: of two passkeys that are removed at once, each would find the other still there
 * @throws {LatchkeyError} `passkey_not_found`; `last_way_to_sign_in` when nothing would be left to sign in with
 */
export async function removePasskey(tx: Transaction, change: PasskeyChange, id: string): Promise<StoredCredential> {
  const { vault, org, userId, at, context } = change
  await refuseLastWay(tx, org, userId)
  const removed = await removeCredential(tx, org.id, userId, id)
  if (!removed) throw credentialErrors.passkey_not_found()
  const details = { credentialId: id, rpId: removed.rpId }
  await recordEvent(tx, org.id, 'passkey.removed', { at, userId, details, ...(context && { context }) })
  await notifyUser(
    tx,
    vault,
    org.id,
    userId,
    { template: 'passkey-removed', values: { name: removed.name, org: org.name } },
    at,
  )
  return removed
}

/** A proven address or a password is a way back in; without either the last passkey stays. */
async function refuseLastWay(tx: Transaction, org: Org, userId: UserId): Promise<void> {
  if ((await countCredentials(tx, org.id, userId)) > 1) return
  const addresses = await listAddresses(tx, org.id, userId)
  if (addresses.some(({ verifiedAt }) => verifiedAt !== null)) return
  if ((await findPasswordHash(tx, org.id, userId)) === undefined) throw directoryErrors.last_way_to_sign_in()
}
