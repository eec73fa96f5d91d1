import { z } from 'zod'
import type { UserId } from './user.ts'

/** A user's id as somebody names it: 20 characters, since its bytes are the WebAuthn user handle. */
export const userIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{20}$/, 'must be 20 letters, digits, "-" or "_"')
  .transform((text) => text as UserId)
