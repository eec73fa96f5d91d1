import { z } from 'zod'
import type { MailId } from '../../records/mailbox/index.ts'

export const mailParams = z.object({
  id: z
    .string()
    .regex(/^[A-Za-z0-9]{1,40}$/)
    .transform((text) => text as MailId),
})

/** `to` keeps only the mail to one address. */
export const mailListQuery = z.strictObject({ to: z.string().min(1).max(320).optional() })
