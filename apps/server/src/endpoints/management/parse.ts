import type { z } from 'zod'
import { invalid, managementErrors } from './errors.ts'

/**
 * Parses a body, or refuses it with a cause for each member that is wrong.
 *
 * @throws {LatchkeyError} `validation_failed`, `body_missing`
 */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw managementErrors.body_missing()
  return parse(schema, body)
}

/** Refuses a body where none belongs; an empty one is as good as none. @throws {LatchkeyError} `body_unexpected` */
export function refuseBody(body: unknown): void {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body)
  const isEmpty = body === undefined || (isObject && Object.keys(body).length === 0)
  if (!isEmpty) throw managementErrors.body_unexpected()
}

/** Parses the parameters of a query. @throws {LatchkeyError} `validation_failed` */
export function parseQuery<Schema extends z.ZodType>(schema: Schema, query: unknown): z.output<Schema> {
  return parse(schema, query)
}

function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  const causes = parsed.error.issues.slice(0, 20).map(({ path, message }) => {
    // Okta names the member alone, not where it stands.
    const name = path.findLast((part) => typeof part === 'string')
    return { name: String(name ?? 'body'), message }
  })
  throw invalid(causes[0]?.name ?? 'body', ...causes.map(({ name, message }) => `${name}: ${message}`))
}
