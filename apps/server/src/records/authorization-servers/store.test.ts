import { beforeAll, beforeEach, expect, test } from 'vitest'
import { type Database, inTransaction } from '../../platform/database/index.ts'
import { describeEachDatabase } from '../../platform/database/testing.ts'
import { getOrg, type OrgId } from '../orgs/index.ts'
import { makeOrg, testTime as t0 } from '../orgs/testing.ts'
import { defaultServerId, orgServerId, type ServerId, standardScopes } from './authorization-server.ts'
import { type AuthorizationServerInput, parseAuthorizationServer } from './schema.ts'
import {
  ensureDefaultServers,
  findAuthorizationServer,
  listAuthorizationServers,
  saveAuthorizationServer,
} from './store.ts'

const shop = {
  id: 'shop',
  name: 'Shop',
  audiences: ['api://shop'],
  scopes: [{ name: 'orders:read' }],
  claims: [{ name: 'plan', token: 'id', value: { kind: 'static', value: ['gold', null, { nested: true }] } }],
}

describeEachDatabase('Authorization servers', (open) => {
  let db: Database
  let org: OrgId
  beforeAll(async () => {
    db = await open()
  })
  beforeEach(async () => {
    org = await makeOrg(db)
  })
  const id = 'shop' as ServerId
  const save = (input: AuthorizationServerInput, now = t0) =>
    inTransaction(db, (tx) => saveAuthorizationServer(tx, org, input, now))
  const ensure = () => inTransaction(db, (tx) => ensureDefaultServers(tx, org, t0))
  const version = async () => (await getOrg(db, org)).version

  test('come back as they were kept, with the standard scopes in front', async () => {
    const input = parseAuthorizationServer(shop)
    const { outcome, server } = await save(input)
    expect(outcome).toBe('created')
    expect(server).toEqual({
      ...input,
      scopes: [...standardScopes, { name: 'orders:read' }],
      createdAt: t0,
      updatedAt: t0,
    })
    expect(await findAuthorizationServer(db, org, id)).toEqual(server)
  })

  test('may describe a standard scope in their own words', async () => {
    const email = { name: 'email', description: 'Your address', consent: 'implicit' } as const
    const { server } = await save(parseAuthorizationServer({ ...shop, scopes: [email] }))
    expect(server.scopes.filter(({ name }) => name === 'email')).toEqual([email])
    expect(server.scopes).toHaveLength(standardScopes.length)
  })

  test('without an id get one', async () => {
    const { server } = await save(parseAuthorizationServer({ name: 'Unnamed' }))
    expect(server.id).toMatch(/^aus[0-9A-Za-z]{17}$/)
  })

  test('saved again unchanged, stay as they are, version of the org included', async () => {
    const { server } = await save(parseAuthorizationServer(shop))
    const before = await version()
    expect(await save(parseAuthorizationServer(shop), t0 + 5)).toEqual({ outcome: 'unchanged', server })
    expect(await version()).toBe(before)
  })

  test.each([
    { name: 'Store' },
    { audiences: [] },
    { claims: [] },
    { scopes: [] },
    { settings: { codeLifetimeMs: 30_000 } },
  ])('changed by %j, are changed, and so is the version of the org', async (change) => {
    await save(parseAuthorizationServer(shop))
    const before = await version()
    const { outcome, server } = await save(parseAuthorizationServer({ ...shop, ...change }), t0 + 5)
    expect(outcome).toBe('updated')
    expect(server).toMatchObject({ createdAt: t0, updatedAt: t0 + 5 })
    expect(await findAuthorizationServer(db, org, id)).toEqual(server)
    expect(await version()).toBe(before + 1)
  })

  test('are two from the start, and made once', async () => {
    expect(await ensure()).toBe(true)
    const servers = await listAuthorizationServers(db, org)
    expect(servers.map((server) => server.id)).toEqual([defaultServerId, orgServerId])
    expect(servers[0]).toMatchObject({ audiences: ['api://default'], settings: { codeLifetimeMs: 60_000 } })
    expect(servers[1]).toMatchObject({ audiences: [], scopes: standardScopes })
    const before = await version()
    expect(await ensure()).toBe(false)
    expect(await version()).toBe(before)
  })

  test('made by two processes at once are made once', async () => {
    await Promise.all([ensure(), ensure(), ensure()])
    expect(await listAuthorizationServers(db, org)).toHaveLength(2)
  })

  test('that were changed are not reset', async () => {
    await ensure()
    await save(parseAuthorizationServer({ id: 'default', name: 'Ours', audiences: ['api://ours'] }))
    await ensure()
    expect(await findAuthorizationServer(db, org, defaultServerId)).toMatchObject({ audiences: ['api://ours'] })
  })

  test('of one org cannot be found, listed or changed from another', async () => {
    const { server } = await save(parseAuthorizationServer(shop))
    const other = await makeOrg(db)
    expect(await findAuthorizationServer(db, other, id)).toBeUndefined()
    expect(await listAuthorizationServers(db, other)).toEqual([])
    const theirs = parseAuthorizationServer({ ...shop, name: 'Theirs' })
    const saved = await inTransaction(db, (tx) => saveAuthorizationServer(tx, other, theirs, t0))
    expect(saved.outcome).toBe('created')
    expect(await findAuthorizationServer(db, org, id)).toEqual(server)
  })
})
