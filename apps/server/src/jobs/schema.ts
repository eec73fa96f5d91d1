import { z } from 'zod'
import type { MailOrder } from '../directory/index.ts'

const templates = [
  'email-code',
  'passkey-added',
  'passkey-removed',
  'passkey-renamed',
] as const satisfies readonly MailOrder['template'][]

/** A mail in the outbox, which an older release may have put there. */
export const mailOrderSchema = z.object({
  to: z.string().min(3).nullable(),
  template: z.enum(templates),
  values: z.record(z.string(), z.string()),
}) satisfies z.ZodType<MailOrder>
