import { z } from 'zod'
import { blueprintSchema } from './schema.ts'

/** The JSON Schema of blueprints, for editors; published as `docs/reference/blueprint.schema.json`. */
export function blueprintJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(blueprintSchema, { io: 'input', target: 'draft-2020-12' })
  return { $schema, title: 'Latchkey blueprint', ...schema }
}
