import { type Database, inTransaction, type Reader } from '../../platform/database/index.ts'
import { newId } from '../../platform/ids.ts'
import type { OrgId } from '../orgs/index.ts'
import { type KeptMail, type MailId, type MailInput, mailboxSize } from './mail.ts'

type MailboxTable = { org_id: OrgId; id: MailId; recipient: string; subject: string; body: string; at: number }

declare module '../../platform/database/schema.ts' {
  interface Schema {
    mailbox: MailboxTable
  }
}

export async function keepMail(db: Database, org: OrgId, mail: MailInput, now: number): Promise<MailId> {
  const id = newId<MailId>('eml')
  await inTransaction(db, async (tx) => {
    await tx
      .insertInto('mailbox')
      .values({ org_id: org, id, recipient: mail.to, subject: mail.subject, body: mail.body, at: now })
      .execute()
    const kept = tx
      .selectFrom('mailbox')
      .select('id')
      .where('org_id', '=', org)
      .orderBy('at', 'desc')
      .orderBy('id', 'desc')
      .limit(mailboxSize)
    await tx.deleteFrom('mailbox').where('org_id', '=', org).where('id', 'not in', kept).execute()
  })
  return id
}

/** Lists messages, newest first, of one recipient where one is named. */
export async function listMail(db: Reader, org: OrgId, query: { limit: number; to?: string }): Promise<KeptMail[]> {
  let mails = db.selectFrom('mailbox').selectAll().where('org_id', '=', org)
  if (query.to !== undefined) mails = mails.where('recipient', '=', query.to)
  const rows = await mails.orderBy('at', 'desc').orderBy('id', 'desc').limit(query.limit).execute()
  return rows.map(toMail)
}

export async function findMail(db: Reader, org: OrgId, id: MailId): Promise<KeptMail | undefined> {
  const row = await db
    .selectFrom('mailbox')
    .selectAll()
    .where('org_id', '=', org)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && toMail(row)
}

function toMail({ id, recipient, subject, body, at }: MailboxTable): KeptMail {
  return { id, to: recipient, subject, body, at }
}
