import { expect, test } from 'vitest'
import { createUser } from '../directory/index.ts'
import { inTransaction } from '../platform/database/index.ts'
import { describeEachDatabase } from '../platform/database/testing.ts'
import { listAuthorizationServers } from '../records/authorization-servers/index.ts'
import { findClient, parseClientMetadata, saveClient } from '../records/clients/index.ts'
import { listDirectories } from '../records/directories/index.ts'
import { listEvents } from '../records/events/index.ts'
import { findGroupByName } from '../records/groups/index.ts'
import { listSigningKeys } from '../records/keys/index.ts'
import { defaultOrgId, getOrg, listOrgs, orgIdSchema } from '../records/orgs/index.ts'
import { listPolicies } from '../records/policies/index.ts'
import { findToken } from '../records/tokens/index.ts'
import { addRole } from '../records/users/index.ts'
import { ensureDemoClient } from './demo-client.ts'
import { provisionOrg, provisionOwnOrg } from './provision.ts'
import { issueSetupCode } from './setup-code.ts'
import { groundOn } from './testing/app.ts'

const url = 'https://id.example.com'

describeEachDatabase("The org at the server's own address", (open) => {
  test('is the default one, with everything that each org has', async () => {
    const ground = groundOn(await open())
    const { db } = ground
    expect(await provisionOwnOrg(ground, url)).toBe(defaultOrgId)
    expect(await getOrg(db, defaultOrgId)).toMatchObject({ hosts: ['id.example.com'] })
    expect(await listDirectories(db, defaultOrgId)).toMatchObject([{ isDefault: true }])
    expect(await findGroupByName(db, defaultOrgId, 'Everyone')).toMatchObject({ kind: 'builtin' })
    const types = (await listPolicies(db, defaultOrgId)).map(({ type }) => type).toSorted()
    expect(types).toEqual(['app-access', 'enrolment', 'password', 'profile', 'sign-on'])
    for (const { id } of await listAuthorizationServers(db, defaultOrgId))
      expect(await listSigningKeys(db, defaultOrgId, id)).toHaveLength(2)
  })

  test('is made once where several processes start at the same time', async () => {
    const ground = groundOn(await open())
    const { db } = ground
    await Promise.all(Array.from({ length: 5 }, () => provisionOwnOrg(ground, url)))
    expect(await listOrgs(db)).toHaveLength(1)
    expect(await listDirectories(db, defaultOrgId)).toHaveLength(1)
    const events = await listEvents(db, defaultOrgId, { limit: 100 })
    expect(events.map(({ name }) => name).toSorted()).toEqual(['key.created', 'key.created', 'org.created'])
    for (const { id } of await listAuthorizationServers(db, defaultOrgId))
      expect(await listSigningKeys(db, defaultOrgId, id)).toHaveLength(2)
  })

  test('stays as it is at the next start, version and all', async () => {
    const ground = groundOn(await open())
    await provisionOwnOrg(ground, url)
    const before = await getOrg(ground.db, defaultOrgId)
    await provisionOwnOrg(ground, url)
    expect(await getOrg(ground.db, defaultOrgId)).toEqual(before)
  })

  test('follows the server to a new address and keeps the old one', async () => {
    const ground = groundOn(await open())
    await provisionOwnOrg(ground, url)
    await provisionOwnOrg(ground, 'https://login.example.com')
    expect((await getOrg(ground.db, defaultOrgId)).hosts).toEqual(['login.example.com', 'id.example.com'])
  })

  test('is another one where that lists the address', async () => {
    const ground = groundOn(await open())
    const acme = orgIdSchema.parse('acme')
    await inTransaction(ground.db, (tx) => provisionOrg(tx, { id: acme, name: 'Acme', hosts: ['id.example.com'] }, 1))
    expect(await provisionOwnOrg(ground, url)).toBe(acme)
    expect((await listOrgs(ground.db)).map(({ id }) => id)).toEqual([acme])
  })
})

describeEachDatabase('The code of the first administrator', (open) => {
  test('is new at each start, kept for a day, and no longer made once there is an administrator', async () => {
    let time = Date.now()
    const ground = groundOn(await open(), () => time)
    const { db } = ground
    const org = await provisionOwnOrg(ground, url)
    const [first, second] = [await issueSetupCode(ground, org), await issueSetupCode(ground, org)]
    expect(first).toMatch(/^([B-Z2-9]{4}-){4}[B-Z2-9]{4}$/)
    expect(second).not.toBe(first)
    expect(await findToken(db, org, 'setup', first ?? '', time)).toBeDefined()
    expect(await findToken(db, org, 'setup', first ?? '', time + 86_400_000)).toBeUndefined()
    const [directory] = await listDirectories(db, org)
    await inTransaction(db, async (tx) => {
      if (!directory) throw new Error('there is no directory')
      const profile = { login: 'ada', email: 'ada@example.com' }
      const person = { directoryId: directory.id, status: 'active', profile, isEmailVerified: true } as const
      await addRole(tx, org, (await createUser(tx, org, person, time)).id, 'admin', time)
    })
    time += 1
    expect(await issueSetupCode(ground, org)).toBeUndefined()
  })
})

describeEachDatabase('The demo client', (open) => {
  test('is made when absent, follows the demo app to another port, and is otherwise left alone', async () => {
    const ground = groundOn(await open())
    const { db, vault } = ground
    const org = await provisionOwnOrg(ground, url)
    await ensureDemoClient(ground, org, 'http://localhost:8081')
    const { id } = parseClientMetadata({ client_id: 'demo', redirect_uris: ['http://localhost:8081/callback'] })
    if (!id) throw new Error('the client has no id')
    const made = await findClient(db, org, id)
    expect(made).toMatchObject({
      tokenEndpointAuthMethod: 'none',
      requirePkce: true,
      grantTypes: ['authorization_code', 'refresh_token'],
      redirectUris: ['http://localhost:8081/callback'],
      postLogoutRedirectUris: ['http://localhost:8081/'],
    })
    if (!made) throw new Error('the client was not made')
    await inTransaction(db, (tx) => saveClient(tx, org, { ...made, consent: 'required' }, vault, Date.now()))
    await ensureDemoClient(ground, org, 'http://localhost:9091')
    expect(await findClient(db, org, id)).toMatchObject({
      consent: 'required',
      redirectUris: ['http://localhost:8081/callback', 'http://localhost:9091/callback'],
      postLogoutRedirectUris: ['http://localhost:8081/', 'http://localhost:9091/'],
    })
    const { version } = await getOrg(db, org)
    await ensureDemoClient(ground, org, 'http://localhost:8081')
    expect((await getOrg(db, org)).version).toBe(version)
  })
})
