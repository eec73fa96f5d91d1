import { ConfigError, readConfig } from '../config.ts'
import { type AppliedOrg, applyBlueprint, blueprintJsonSchema, readBlueprint } from './blueprint/index.ts'
import { withGround } from './ground.ts'
import { defineVerb } from './verb.ts'

/** Works beside a running server, which sees the change at its next request. */
export const apply = defineVerb({
  name: 'apply',
  description: 'Create and update orgs from a blueprint file. A second time changes nothing.',
  args: {
    file: { type: 'positional', description: 'The blueprint, a JSON file', required: false, valueHint: 'FILE' },
    'print-schema': { type: 'boolean', description: 'Print the JSON Schema of blueprints, and do nothing else' },
  },
  async run(args) {
    if (args['print-schema']) {
      process.stdout.write(`${JSON.stringify(blueprintJsonSchema(), null, 2)}\n`)
      return undefined
    }
    if (args.file === undefined) throw new ConfigError('Name the blueprint file: latchkey apply FILE')
    const blueprint = readBlueprint(args.file)
    const config = readConfig(undefined)
    const applied = await withGround(config, (ground) => applyBlueprint(ground, blueprint, config.url))
    for (const one of applied) process.stdout.write(`${describe(one)}\n`)
  },
})

function describe({ org, changes }: AppliedOrg): string {
  const parts = Object.entries(changes).flatMap(([outcome, kinds]) =>
    Object.entries(kinds).map(([kind, count]) => `${outcome} ${count} ${kind}`),
  )
  return `${org}: ${parts.length === 0 ? 'nothing to change' : parts.join(', ')}`
}
