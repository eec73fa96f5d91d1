import { describe, expect, test } from 'vitest'
import { databases, describeEachDatabase } from '../../platform/database/testing.ts'
import type { Ground } from '../../platform/ground.ts'
import { verifyPassword } from '../../platform/password.ts'
import { findApiTokenByValue, listApiTokens } from '../../records/api-tokens/index.ts'
import { findAuthorizationServer, listAuthorizationServers } from '../../records/authorization-servers/index.ts'
import { checkClientSecret, findClient } from '../../records/clients/index.ts'
import { getDefaultDirectory, listDirectories } from '../../records/directories/index.ts'
import { listEvents } from '../../records/events/index.ts'
import { findGroupByName, listMembers } from '../../records/groups/index.ts'
import { listSigningKeys, publishedKeys } from '../../records/keys/index.ts'
import { getOrg, orgIdSchema } from '../../records/orgs/index.ts'
import { listPolicies } from '../../records/policies/index.ts'
import { findTrustedOrigin } from '../../records/trusted-origins/index.ts'
import { findPasswordHash, findUserByIdentifier, findVerifiedAddress, listRoles } from '../../records/users/index.ts'
import { groundOn } from '../testing/app.ts'
import { applyBlueprint } from './apply.ts'
import { parseBlueprint } from './schema.ts'

const url = 'https://id.example.com'
const acme = orgIdSchema.parse('acme')
const tokenValue = '00aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'

const everything = {
  orgs: [
    {
      id: 'acme',
      name: 'Acme',
      hosts: ['acme.example.com'],
      settings: { brand: { accent: '#336699' } },
      directories: [
        { id: 'staff', name: 'Staff', isDefault: true },
        { id: 'customers', name: 'Customers', settings: { uniformAnswers: false } },
      ],
      clients: [
        {
          client_id: 'web',
          client_secret: 'a secret that was given',
          client_name: 'Web',
          redirect_uris: ['https://app.example.com/callback'],
          grant_types: ['authorization_code', 'refresh_token'],
        },
      ],
      users: [
        {
          id: '00uadaaaaaaaaaaaaaaa',
          login: 'Ada',
          email: 'ada@example.com',
          firstName: 'Ada',
          lastName: 'Lovelace',
          password: 'correct horse battery',
          emailVerified: true,
          roles: ['admin'],
        },
        { directory: 'customers', login: 'ada', email: 'ada@elsewhere.example' },
      ],
      groups: [{ name: 'Engineers', members: ['ada', '00uadaaaaaaaaaaaaaaa'] }],
      apiTokens: [{ name: 'ci', value: tokenValue }],
      trustedOrigins: [{ name: 'App', origin: 'https://app.example.com', scopes: ['CORS', 'REDIRECT'] }],
      authorizationServers: [
        { id: 'api', name: 'API', audiences: ['https://api.example.com'], scopes: [{ name: 'read' }] },
      ],
      policies: [{ type: 'profile', name: 'Closed', rules: [{ name: 'All', actions: { signUp: 'closed' } }] }],
    },
  ],
}

const apply = (ground: Ground, blueprint: unknown) => applyBlueprint(ground, parseBlueprint(blueprint), url)
const allEvents = (ground: Ground) => listEvents(ground.db, acme, { limit: 1_000 })

describeEachDatabase('Applying a blueprint', (open) => {
  test('makes everything as it says, ids and secrets as given', async () => {
    const ground = groundOn(await open())
    const { db, vault } = ground
    await apply(ground, everything)

    const org = await getOrg(db, acme)
    expect(org).toMatchObject({ name: 'Acme', hosts: ['acme.example.com'], settings: { brand: { accent: '#336699' } } })
    const directories = await listDirectories(db, acme)
    expect(directories.map(({ id }) => id)).toEqual(expect.arrayContaining(['staff', 'customers']))
    const directory = await getDefaultDirectory(db, acme)
    expect(directory.id).toBe('staff')

    const user = await findUserByIdentifier(db, acme, directory.id, 'ADA')
    if (!user) throw new Error('the user was not made')
    expect(user).toMatchObject({ id: '00uadaaaaaaaaaaaaaaa', status: 'active', profile: { lastName: 'Lovelace' } })
    expect(await findVerifiedAddress(db, acme, directory.id, 'email', 'ada@example.com')).toBe(user.id)
    expect(await listRoles(db, acme, user.id)).toEqual(['admin'])
    expect(await verifyPassword(await findPasswordHash(db, acme, user.id), 'correct horse battery')).toBe(true)

    const group = await findGroupByName(db, acme, 'Engineers')
    if (!group) throw new Error('the group was not made')
    expect(await listMembers(db, acme, group.id, { limit: 10 })).toMatchObject([{ userId: user.id }])

    const [client] = parseBlueprint(everything).orgs[0]?.clients ?? []
    if (!client?.id) throw new Error('the blueprint has no client')
    expect(await findClient(db, acme, client.id)).toMatchObject({ name: 'Web', consent: 'trusted' })
    expect(await checkClientSecret(db, vault, acme, client.id, 'a secret that was given')).toBe(true)
    expect(await findApiTokenByValue(db, acme, tokenValue, Date.now())).toMatchObject({ name: 'ci' })
    expect(await findTrustedOrigin(db, acme, 'https://app.example.com')).toMatchObject({ scopes: ['CORS', 'REDIRECT'] })
    expect((await listPolicies(db, acme)).map(({ name }) => name)).toContain('Closed')
  })

  test('gives every authorization server a key that signs and the next one', async () => {
    const ground = groundOn(await open())
    await apply(ground, everything)
    const servers = await listAuthorizationServers(ground.db, acme)
    expect(servers.map(({ id }) => id).toSorted()).toEqual(['api', 'default', 'org'])
    for (const { id } of servers)
      expect(publishedKeys(await listSigningKeys(ground.db, acme, id), Date.now())).toHaveLength(2)
  })

  test('a second time changes nothing: no event, no new version, the same password hash', async () => {
    const ground = groundOn(await open())
    const first = await apply(ground, everything)
    const before = {
      org: await getOrg(ground.db, acme),
      events: await allEvents(ground),
      hash: await hashOfAda(ground),
    }
    const second = await apply(ground, everything)
    const after = { org: await getOrg(ground.db, acme), events: await allEvents(ground), hash: await hashOfAda(ground) }
    expect(first[0]?.changes.created).toMatchObject({ orgs: 1, users: 2, clients: 1, directories: 2, members: 1 })
    expect(second).toEqual([{ org: 'acme', changes: { created: {}, updated: {} } }])
    expect(after).toEqual(before)
  })

  test('changed changes what it names, tells so in one event and raises the version', async () => {
    const ground = groundOn(await open())
    await apply(ground, everything)
    const { version } = await getOrg(ground.db, acme)
    const [org] = everything.orgs
    const [client] = org?.clients ?? []
    const applied = await apply(ground, {
      orgs: [
        {
          id: 'acme',
          clients: [{ ...client, redirect_uris: ['https://app.example.com/other'] }],
          users: [{ login: 'ada', email: 'ada@example.com', lastName: 'King', password: 'another one altogether' }],
          apiTokens: [{ name: 'ci', value: `${tokenValue}b` }],
        },
      ],
    })
    expect(applied[0]?.changes).toEqual({ created: { apiTokens: 1 }, updated: { clients: 1, users: 1, apiTokens: 1 } })
    const after = await getOrg(ground.db, acme)
    expect(after.version).toBeGreaterThan(version)
    expect(after).toMatchObject({ name: 'Acme', hosts: ['acme.example.com'] })
    expect(await verifyPassword(await hashOfAda(ground), 'another one altogether')).toBe(true)
    expect((await listApiTokens(ground.db, acme)).map(({ name }) => name)).toEqual(['ci'])
    const events = (await allEvents(ground)).filter(({ name }) => name === 'blueprint.applied')
    expect(events.at(-1)?.details).toEqual(applied[0]?.changes)
    const names = (await allEvents(ground)).map(({ name }) => name)
    expect(names).toEqual(
      expect.arrayContaining(['client.updated', 'user.updated', 'password.changed', 'api-token.revoked']),
    )
  })

  test('with another address for a user takes the old one away, which opens nothing any more', async () => {
    const ground = groundOn(await open())
    await apply(ground, everything)
    const users = [{ login: 'ada', email: 'ada@new.example', emailVerified: true }]
    await apply(ground, { orgs: [{ id: 'acme', users }] })
    const { id } = await getDefaultDirectory(ground.db, acme)
    const owner = (address: string) => findVerifiedAddress(ground.db, acme, id, 'email', address)
    expect(await owner('ada@new.example')).toBe('00uadaaaaaaaaaaaaaaa')
    expect(await owner('ada@example.com')).toBeUndefined()
  })

  test('is all or nothing for an org, and says which place it stumbled over', async () => {
    const ground = groundOn(await open())
    const half = {
      orgs: [
        {
          id: 'acme',
          clients: [{ client_id: 'spa', application_type: 'browser', redirect_uris: ['https://a.example/'] }],
          groups: [{ name: 'Engineers', members: ['nobody'] }],
        },
      ],
    }
    await expect(apply(ground, half)).rejects.toMatchObject({
      name: 'BlueprintError',
      message: '$.orgs[0].groups[0].members[0]: is not a user of this org',
    })
    expect(await listEvents(ground.db, acme, { limit: 10 })).toEqual([])
    await expect(getOrg(ground.db, acme)).rejects.toMatchObject({ code: 'org_not_found' })
  })
})

const [sqlite] = databases
if (!sqlite) throw new Error('there is no SQLite')

describe('What a blueprint cannot have', () => {
  const refusals: [string, object, string][] = [
    [
      'an address that somebody else has proven',
      { users: [{ login: 'eve', email: 'ada@example.com', emailVerified: true }] },
      '$.orgs[0].users[0]',
    ],
    [
      'a directory that is not there',
      { users: [{ directory: 'no', login: 'e', email: 'e@e.example' }] },
      '$.orgs[0].users[0].directory',
    ],
    [
      'a user moved to another directory',
      { users: [{ id: '00uadaaaaaaaaaaaaaaa', directory: 'customers', login: 'Ada', email: 'ada@example.com' }] },
      '$.orgs[0].users[0].directory',
    ],
    ['members of Everyone', { groups: [{ name: 'Everyone', members: ['ada'] }] }, '$.orgs[0].groups[0]'],
    [
      'an origin with a path',
      { trustedOrigins: [{ name: 'a', origin: 'https://a.example/x', scopes: ['CORS'] }] },
      '$.orgs[0].trustedOrigins[0]',
    ],
    ['a host that is none', { hosts: ['not a host'] }, '$.orgs[0]'],
  ]
  test.each(refusals)('is %s', async (_what, members, path) => {
    const ground = groundOn(await sqlite.open())
    await apply(ground, everything)
    await expect(apply(ground, { orgs: [{ id: 'acme', ...members }] })).rejects.toMatchObject({ path })
  })

  test("is another org's host", async () => {
    const ground = groundOn(await sqlite.open())
    await apply(ground, everything)
    const other = { orgs: [{ id: 'other', hosts: ['acme.example.com'] }] }
    await expect(apply(ground, other)).rejects.toMatchObject({ path: '$.orgs[0]' })
  })
})

describe('The default org', () => {
  test("keeps the server's own host, unless another org has it", async () => {
    const ground = groundOn(await sqlite.open())
    await apply(ground, { orgs: [{ id: 'default', hosts: ['other.example.com'] }] })
    const hosts = async () => (await getOrg(ground.db, orgIdSchema.parse('default'))).hosts
    expect(await hosts()).toEqual(['other.example.com', 'id.example.com'])
    const given = {
      orgs: [
        { id: 'default', hosts: ['other.example.com'] },
        { id: 'acme', hosts: ['id.example.com'] },
      ],
    }
    await apply(ground, given)
    expect(await hosts()).toEqual(['other.example.com'])
  })

  test('gets an authorization server changed by name, with the scopes that every one has', async () => {
    const ground = groundOn(await sqlite.open())
    await apply(ground, {
      orgs: [{ id: 'acme', authorizationServers: [{ id: 'default', name: 'default', scopes: [{ name: 'read' }] }] }],
    })
    const [server] = (await listAuthorizationServers(ground.db, acme)).filter(({ id }) => id === 'default')
    expect(server?.scopes.map(({ name }) => name)).toEqual(expect.arrayContaining(['openid', 'read']))
    expect(server && (await findAuthorizationServer(ground.db, acme, server.id))?.scopes).toEqual(server?.scopes)
  })
})

async function hashOfAda({ db }: Ground): Promise<string | undefined> {
  const directory = await getDefaultDirectory(db, acme)
  const user = await findUserByIdentifier(db, acme, directory.id, 'ada')
  return user && (await findPasswordHash(db, acme, user.id))
}
