import type { Brand } from '../../platform/brand.ts'

export type MailId = Brand<string, 'MailId'>

export type MailInput = { to: string; subject: string; body: string }

export type KeptMail = MailInput & { id: MailId; at: number }

/** How many messages an org's mailbox keeps; the oldest go first. */
export const mailboxSize = 200
