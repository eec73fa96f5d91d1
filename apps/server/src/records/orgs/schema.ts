import { z } from 'zod'
import type { OrgId } from './org.ts'

/** The org that exists from the first start on, and that unknown hosts mean in development. */
export const defaultOrgId = 'default' as OrgId

/** An org's id as somebody names it. */
export const orgIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must be up to 64 letters, digits, "-" or "_"')
  .transform((text) => text as OrgId)
