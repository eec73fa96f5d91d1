import type { z } from 'zod'
import type { ErrorFactories } from '../errors.ts'
import { httpErrors } from './errors.ts'

/**
 * Parses what came in from outside, or refuses it in words that name the first member that is wrong.
 *
 * @throws {LatchkeyError} `invalid_request`, or `duplicate_parameter` for a list where one value belongs
 */
export function parseInput<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  errors: Pick<
    ErrorFactories<'invalid_request' | 'duplicate_parameter'>,
    'invalid_request' | 'duplicate_parameter'
  > = httpErrors,
): z.output<Schema> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const path = issue?.path.join('.') ?? ''
  if (issue?.code === 'invalid_type' && isRepeated(input, issue.path[0]))
    throw errors.duplicate_parameter({
      message: `The '${path}' parameter is included more than once.`,
      details: { path },
    })
  const message = path ? `The '${path}' parameter is not valid: ${issue?.message}.` : issue?.message
  throw errors.invalid_request({ ...(message ? { message } : {}), details: { path } })
}

function isRepeated(input: unknown, name: PropertyKey | undefined): boolean {
  if (typeof input !== 'object' || input === null || name === undefined) return false
  return Array.isArray(Reflect.get(input, name))
}
