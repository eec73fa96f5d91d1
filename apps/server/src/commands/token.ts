import { ConfigError, readConfig } from '../config.ts'
import { createApiToken, endApiToken } from '../directory/index.ts'
import { day } from '../platform/clock.ts'
import { inTransaction } from '../platform/database/index.ts'
import type { Ground } from '../platform/ground.ts'
import { type ApiToken, listApiTokens } from '../records/api-tokens/index.ts'
import { getDefaultDirectory } from '../records/directories/index.ts'
import { defaultOrgId, listOrgs, type Org } from '../records/orgs/index.ts'
import { findUserByIdentifier, type UserId } from '../records/users/index.ts'
import { withGround } from './ground.ts'
import { defineVerb } from './verb.ts'

/** Works beside a running server, which knows the token at its next request. */
export const token = defineVerb({
  name: 'token',
  description: 'List, create and revoke the API tokens that programs call the management API with.',
  args: {
    action: { type: 'positional', description: 'list, create or revoke', required: false, valueHint: 'list' },
    org: { type: 'string', description: 'The org; the default one unless named', valueHint: 'ID' },
    name: { type: 'string', description: 'create: what the token is for', valueHint: 'NAME' },
    user: {
      type: 'string',
      description: 'create: the administrator whose rights it has; all rights unless named',
      valueHint: 'LOGIN',
    },
    days: { type: 'string', description: 'create: for how long it holds; until it is revoked unless named' },
    id: { type: 'string', description: 'revoke: the id that list shows', valueHint: 'ID' },
  },
  async run(args) {
    const action = args.action ?? 'list'
    const act = Object.hasOwn(actions, action) ? actions[action] : undefined
    if (!act) throw new ConfigError(`There is nothing like "token ${action}": list, create or revoke.`)
    const lines = await withGround(readConfig(undefined), async (ground) => {
      const org = (await listOrgs(ground.db)).find(({ id }) => id === (args.org ?? defaultOrgId))
      if (!org) throw new ConfigError('There is no such org.')
      return await act(ground, org, args)
    })
    if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`)
  },
})

type Asked = {
  readonly name?: string | undefined
  readonly user?: string | undefined
  readonly days?: string | undefined
  readonly id?: string | undefined
}
type Action = (ground: Ground, org: Org, asked: Asked) => Promise<string[]>

const actions: Readonly<Record<string, Action>> = { list, create, revoke }

async function list({ db, now }: Ground, org: Org): Promise<string[]> {
  return (await listApiTokens(db, org.id)).map((one) => `${one.id}  ${one.name}  ${stateOf(one, now())}`)
}

function stateOf({ userId, expiresAt, lastUsedAt }: ApiToken, now: number): string {
  const holder = userId === null ? 'all rights' : `as ${userId}`
  const used = lastUsedAt === null ? 'never used' : `last used ${new Date(lastUsedAt).toISOString()}`
  if (expiresAt === null) return `${holder}, ${used}`
  return `${holder}, ${used}, ${expiresAt > now ? 'expires' : 'expired'} ${new Date(expiresAt).toISOString()}`
}

async function create(ground: Ground, org: Org, asked: Asked): Promise<string[]> {
  const name = asked.name?.trim()
  if (!name || name.length > 200) throw new ConfigError('Say what the token is for: latchkey token create --name CI')
  const expiresAt = expiryOf(asked.days, ground.now())
  const userId = asked.user === undefined ? undefined : await userIdOf(ground, org, asked.user)
  const { apiToken, value } = await inTransaction(ground.db, (tx) =>
    createApiToken(
      tx,
      { org: org.id, at: ground.now() },
      { name, ...(userId !== undefined && { userId }), ...(expiresAt !== undefined && { expiresAt }) },
    ),
  )
  // The value alone on the last line, so that a script can take it.
  return [`${apiToken.id} was created. Its value is shown this once:`, value]
}

function expiryOf(days: string | undefined, now: number): number | undefined {
  if (days === undefined) return undefined
  if (!/^[1-9]\d{0,3}$/.test(days)) throw new ConfigError('--days must be a number of days from 1 to 9999.')
  return now + Number(days) * day
}

async function userIdOf({ db }: Ground, org: Org, login: string): Promise<UserId> {
  const directory = await getDefaultDirectory(db, org.id)
  const user = await findUserByIdentifier(db, org.id, directory.id, login)
  if (!user) throw new ConfigError(`There is no user "${login}".`)
  return user.id
}

async function revoke({ db, now }: Ground, org: Org, { id }: Asked): Promise<string[]> {
  const known = (await listApiTokens(db, org.id)).find((one) => one.id === id)
  if (!known) throw new ConfigError('Name the token by its id, as list shows it: latchkey token revoke --id 00T…')
  await inTransaction(db, (tx) => endApiToken(tx, { org: org.id, at: now() }, known.id))
  return [`${known.id} was revoked.`]
}
