import { ConfigError, readConfig } from '../config.ts'
import { rotateServerKeys } from '../jobs/index.ts'
import type { Ground } from '../platform/ground.ts'
import { listAuthorizationServers } from '../records/authorization-servers/index.ts'
import { listOrgs } from '../records/orgs/index.ts'
import { withGround } from './ground.ts'
import { defineVerb } from './verb.ts'

/** The schedule does it every 90 days; this is for when somebody wants it sooner. */
export const rotateKeys = defineVerb({
  name: 'rotate-keys',
  description: 'Let the next signing keys take over, as soon as every client can know them.',
  args: {
    org: { type: 'string', description: 'Only the keys of this org', valueHint: 'ID' },
    server: { type: 'string', description: 'Only those of this authorization server', valueHint: 'ID' },
    now: {
      type: 'boolean',
      description: 'At once, as after a key was stolen: clients that keep keys may refuse tokens for a while',
    },
  },
  async run(args) {
    const chosen = { org: args.org, server: args.server, immediately: args.now === true }
    const lines = await withGround(readConfig(undefined), (ground) => rotateAll(ground, chosen))
    if (lines.length === 0) throw new ConfigError('There is no such org or authorization server.')
    process.stdout.write(`${lines.join('\n')}\n`)
  },
})

type Chosen = { org: string | undefined; server: string | undefined; immediately: boolean }

async function rotateAll(ground: Ground, { org: orgId, server: serverId, immediately }: Chosen): Promise<string[]> {
  const lines: string[] = []
  for (const org of await listOrgs(ground.db)) {
    if (orgId !== undefined && org.id !== orgId) continue
    for (const server of await listAuthorizationServers(ground.db, org.id)) {
      if (serverId !== undefined && server.id !== serverId) continue
      const rotation = await rotateServerKeys(ground, org.id, server, { immediately })
      const what = rotation
        ? `${rotation.promoted} takes over from ${rotation.retired} at ${new Date(rotation.at).toISOString()}`
        : 'a rotation is under way already'
      lines.push(`${org.id}/${server.id}: ${what}`)
    }
  }
  return lines
}
