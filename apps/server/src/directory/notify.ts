import type { Transaction } from '../platform/database/index.ts'
import type { Vault } from '../platform/vault.ts'
import type { OrgId } from '../records/orgs/index.ts'
import { enqueue } from '../records/outbox/index.ts'
import { listAddresses, type UserId } from '../records/users/index.ts'

/** Mail that people get, by the name of its words in the messages file. */
export type MailTemplate = 'email-code' | 'passkey-added' | 'passkey-removed' | 'passkey-renamed'

export type MailOrder = {
  /** Nobody: queued like any other, so that what is asked for in vain costs the same, and dropped when it is due. */
  to: string | null
  template: MailTemplate
  values: Readonly<Record<string, string>>
}

/** Queues a mail in the transaction of the change that it tells of. */
export async function sendMail(tx: Transaction, vault: Vault, org: OrgId, order: MailOrder, at: number): Promise<void> {
  await enqueue(tx, vault, org, 'mail', order, { dueAt: at })
}

/** Tells a user, at every address that they have proven, what happened to their account. */
export async function notifyUser(
  tx: Transaction,
  vault: Vault,
  org: OrgId,
  userId: UserId,
  notice: Omit<MailOrder, 'to'>,
  at: number,
): Promise<void> {
  for (const { value, verifiedAt } of await listAddresses(tx, org, userId)) {
    if (verifiedAt !== null) await sendMail(tx, vault, org, { ...notice, to: value }, at)
  }
}
