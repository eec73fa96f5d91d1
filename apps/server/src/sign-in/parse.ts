import type { z } from 'zod'
import { signInErrors } from './errors.ts'

/** Parses what a person or a client answered. @throws {LatchkeyError} `input_invalid` naming the field */
export function parseAnswer<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  throw signInErrors.input_invalid({ details: { field: parsed.error.issues[0]?.path.join('.') ?? '' } })
}
