import { z } from 'zod'
import type { SessionId } from '../../records/sessions/index.ts'

export const sessionParams = z.object({
  id: z
    .string()
    .min(1)
    .max(100)
    .transform((text) => text as SessionId),
})
