import type { FastifyInstance } from 'fastify'
import { beforeAll, expect, test } from 'vitest'
import { groundOn, openApp } from '../commands/testing/app.ts'
import { inTransaction } from '../platform/database/index.ts'
import { describeEachDatabase } from '../platform/database/testing.ts'
import type { Ground } from '../platform/ground.ts'
import { insertApiToken, listApiTokens, type NewApiToken, revokeApiToken } from '../records/api-tokens/index.ts'
import { newDirectoryId, saveDirectory } from '../records/directories/index.ts'
import type { OrgId } from '../records/orgs/index.ts'
import { makeOrg, testTime } from '../records/orgs/testing.ts'
import { addRole, deleteUser, removeRole, setUserStatus, type UserStatus } from '../records/users/index.ts'
import { makeUser } from '../records/users/testing.ts'
import { authenticateApiToken, refuseUnlessAllowed } from './index.ts'

describeEachDatabase('API tokens', (open) => {
  let ground: Ground
  let app: FastifyInstance
  let [org, other]: OrgId[] = []
  let now = testTime

  beforeAll(async () => {
    ground = groundOn(await open(), () => now)
    org = await makeOrg(ground.db, ['one.example'])
    other = await makeOrg(ground.db, ['two.example'])
    app = openApp(ground, { mode: 'start', url: 'https://one.example' }, (mounted) =>
      mounted.get('/', async (request) => {
        const principal = await authenticateApiToken(ground, request)
        refuseUnlessAllowed(principal, 'okta.users.read')
        return { userId: principal.userId, tokenName: principal.tokenName }
      }),
    )
  })

  const ask = async (authorization?: string, host = 'one.example') => {
    const headers = { host, ...(authorization !== undefined && { authorization }) }
    const answer = await app.inject({ url: '/', headers })
    return answer.statusCode === 200 ? answer.json() : `${answer.statusCode} ${answer.headers['x-latchkey-error']}`
  }
  const issue = async (input: Partial<NewApiToken> = {}, id = org) => {
    if (!id) throw new Error('there is no org')
    return await inTransaction(ground.db, (tx) => insertApiToken(tx, id, { name: 'CI', ...input }, now))
  }
  const admin = async (login: string, status: UserStatus = 'active') => {
    if (!org) throw new Error('there is no org')
    const [orgId, directoryId] = [org, newDirectoryId()]
    await inTransaction(ground.db, (tx) => saveDirectory(tx, orgId, { id: directoryId, name: login }, now))
    const user = await makeUser(ground.db, { org: orgId, directoryId }, login, { status })
    await inTransaction(ground.db, (tx) => addRole(tx, orgId, user.id, 'admin', now))
    return { org: orgId, user }
  }

  test("of the operator's call in nobody's name and may do everything", async () => {
    const { value } = await issue({ name: 'Terraform' })
    expect(value).toMatch(/^00[\w-]{40}$/)
    expect(await ask(`SSWS ${value}`)).toEqual({ userId: null, tokenName: 'Terraform' })
    expect(await ask(`ssws ${value}`)).toEqual({ userId: null, tokenName: 'Terraform' })
  })

  test('of a user call in their name', async () => {
    const { user } = await admin('ada@example.com')
    const { value } = await issue({ userId: user.id })
    expect(await ask(`SSWS ${value}`)).toEqual({ userId: user.id, tokenName: 'CI' })
  })

  test('note when they were used, at most once a minute', async () => {
    const { value, apiToken } = await issue({ name: 'seldom' })
    const lastUsed = async () => (await listApiTokens(ground.db, apiTokenOrg())).find(({ id }) => id === apiToken.id)
    await ask(`SSWS ${value}`)
    const first = now
    now += 30_000
    await ask(`SSWS ${value}`)
    expect((await lastUsed())?.lastUsedAt).toBe(first)
    now += 30_000
    await ask(`SSWS ${value}`)
    expect((await lastUsed())?.lastUsedAt).toBe(now)
  })
  const apiTokenOrg = () => {
    if (!org) throw new Error('there is no org')
    return org
  }

  test('are refused when they are missing, malformed or unknown', async () => {
    const { value } = await issue()
    expect(await ask()).toBe('401 api_token_missing')
    for (const authorization of [
      '',
      'SSWS',
      'SSWS ',
      `SSWS  ${value}`,
      `SSWS ${value} ${value}`,
      `Bearer ${value}`,
      value,
      `SSWS ${value}x`,
      `SSWS ${value.slice(0, -1)}`,
      `SSWS ${value.toUpperCase()}`,
      `SSWS ${'0'.repeat(2_000)}`,
      'SSWS \u00e9',
    ])
      expect([authorization, await ask(authorization)]).toEqual([authorization, '401 api_token_invalid'])
  })

  test('are refused once they have expired or are revoked', async () => {
    const expiring = await issue({ expiresAt: now + 1_000 })
    const revoked = await issue()
    expect(await ask(`SSWS ${expiring.value}`)).toMatchObject({ userId: null })
    now += 1_000
    expect(await ask(`SSWS ${expiring.value}`)).toBe('401 api_token_invalid')
    await inTransaction(ground.db, (tx) => revokeApiToken(tx, apiTokenOrg(), revoked.apiToken.id))
    expect(await ask(`SSWS ${revoked.value}`)).toBe('401 api_token_invalid')
  })

  test('are refused at another org', async () => {
    const { value } = await issue()
    expect(await ask(`SSWS ${value}`, 'two.example')).toBe('401 api_token_invalid')
    const { value: others } = await issue({}, other)
    expect(await ask(`SSWS ${others}`)).toBe('401 api_token_invalid')
    expect(await ask(`SSWS ${others}`, 'two.example')).toMatchObject({ userId: null })
  })

  test('die with the activity of their user, and do nothing without their role', async () => {
    const { org: orgId, user } = await admin('eve@example.com')
    const { value } = await issue({ userId: user.id })
    for (const status of ['suspended', 'deactivated', 'staged', 'provisioned', 'locked_out'] as const) {
      await inTransaction(ground.db, (tx) => setUserStatus(tx, orgId, user.id, status, now))
      expect([status, await ask(`SSWS ${value}`)]).toEqual([status, '401 api_token_invalid'])
    }
    await inTransaction(ground.db, (tx) => setUserStatus(tx, orgId, user.id, 'active', now))
    await inTransaction(ground.db, (tx) => removeRole(tx, orgId, user.id, 'admin'))
    expect(await ask(`SSWS ${value}`)).toBe('403 permission_missing')
    await inTransaction(ground.db, (tx) => deleteUser(tx, orgId, user.id))
    expect(await ask(`SSWS ${value}`)).toBe('401 api_token_invalid')
  })
})
