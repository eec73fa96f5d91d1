import { z } from 'zod'

/** Handles are ours; what does not look like one is not looked up. */
export const handleParams = z.object({ handle: z.string().regex(/^02\.[\w-]{43}$/) })

/** A form of a transaction: what every step carries, and the step's own fields, which the engine parses. */
export const stepForm = z.looseObject({
  csrf: z.string().optional(),
  version: z.coerce.number().int().positive().optional(),
})

export const jsonBody = z.record(z.string(), z.unknown())

export const observation = z.strictObject({
  name: z.enum(['prompt_shown', 'started', 'os_cancelled', 'completed', 'failed', 'fallback_used']),
  surface: z.string().regex(/^[a-z_]{1,30}$/),
  reason: z
    .string()
    .regex(/^[a-z_]{1,60}$/)
    .optional(),
  capabilities: z
    .record(z.string().max(60), z.union([z.boolean(), z.string().max(20), z.null()]))
    .refine((all) => Object.keys(all).length <= 100, 'has too many members')
    .optional(),
})

export const completeQuery = z.object({ stateToken: z.string().max(100) })
export const setupForm = z.object({ csrf: z.string().optional(), code: z.string().max(100) })
export const renameForm = z.object({ csrf: z.string().optional(), name: z.string().max(400) })
export const csrfForm = z.object({ csrf: z.string().optional() })
export const idParams = z.object({ id: z.string().min(1).max(1400) })
export const finishBody = z.object({ ceremony: z.string().max(64), response: z.unknown() })
