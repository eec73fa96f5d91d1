import { z } from 'zod'
import type { KeyId } from './key.ts'

/** A key's id as a token's header names it: a SHA-256 in base64url. */
export const keyIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/)
  .transform((text) => text as KeyId)
