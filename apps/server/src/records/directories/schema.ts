import { z } from 'zod'
import type { DirectoryId } from './directory.ts'

/** A directory's id as somebody names it. */
export const directoryIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must be up to 64 letters, digits, "-" or "_"')
  .transform((text) => text as DirectoryId)
