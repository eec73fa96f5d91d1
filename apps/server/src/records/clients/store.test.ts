import { beforeAll, beforeEach, expect, test } from 'vitest'
import { type Database, inTransaction } from '../../platform/database/index.ts'
import { describeEachDatabase } from '../../platform/database/testing.ts'
import { newId } from '../../platform/ids.ts'
import { openVault } from '../../platform/vault.ts'
import { getOrg, type OrgId } from '../orgs/index.ts'
import { makeOrg, testTime as t0 } from '../orgs/testing.ts'
import type { ClientId } from './client.ts'
import { parseClientMetadata } from './schema.ts'
import {
  type ClientInput,
  checkClientSecret,
  deleteClient,
  findClient,
  listClients,
  loadClientSecrets,
  saveClient,
} from './store.ts'

const vault = openVault(['a secret of this test'])
const metadata = { client_id: 'shop', client_name: 'Shop', redirect_uris: ['https://shop.example/cb'] }
const full = {
  ...metadata,
  scope: 'openid email',
  client_uri: 'https://shop.example',
  logo_uri: 'https://shop.example/logo.svg',
  initiate_login_uri: 'https://shop.example/login',
  jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }] },
  backchannel_logout_uri: 'https://shop.example/logout',
}

describeEachDatabase('Clients', (open) => {
  let db: Database
  let org: OrgId
  beforeAll(async () => {
    db = await open()
  })
  beforeEach(async () => {
    org = await makeOrg(db)
  })
  const id = 'shop' as ClientId
  const save = (input: ClientInput, now = t0) => inTransaction(db, (tx) => saveClient(tx, org, input, vault, now))
  const check = (secret: string) => checkClientSecret(db, vault, org, id, secret)
  const version = async () => (await getOrg(db, org)).version

  test('come back as they were kept', async () => {
    const input = parseClientMetadata(full)
    const { outcome, client } = await save(input)
    expect(outcome).toBe('created')
    expect(client).toEqual({ ...input, createdAt: t0, updatedAt: t0 })
    expect(await findClient(db, org, id)).toEqual(client)
    expect(await findClient(db, org, 'Shop' as ClientId)).toBeUndefined()
  })

  test('without an id get one', async () => {
    const { client_id: _, ...unnamed } = metadata
    const { client } = await save(parseClientMetadata(unnamed))
    expect(client.id).toMatch(/^0oa[0-9A-Za-z]{17}$/)
    expect(await findClient(db, org, client.id)).toEqual(client)
  })

  test('saved again unchanged, stay as they are, secret and version of the org included', async () => {
    const input = parseClientMetadata({ ...full, client_secret: 'correct horse' })
    const { client } = await save(input)
    const before = await version()
    expect(await save(structuredClone(input), t0 + 5)).toEqual({ outcome: 'unchanged', client })
    expect(await version()).toBe(before)
  })

  test.each([
    { client_name: 'Store' },
    { status: 'inactive' },
    { redirect_uris: ['https://shop.example/other'] },
    { consent: 'required' },
    { client_secret: 'another horse' },
    { client_uri: undefined },
  ])('changed by %j, are changed, and so is the version of the org', async (change) => {
    const first = { ...full, client_secret: 'correct horse' }
    const { client } = await save(parseClientMetadata(first))
    const before = await version()
    const input = parseClientMetadata({ ...first, ...change })
    const saved = await save(input, t0 + 5)
    const { secrets, ...members } = input
    expect(saved).toEqual({
      outcome: 'updated',
      client: { ...members, createdAt: client.createdAt, updatedAt: t0 + 5 },
    })
    expect(await findClient(db, org, id)).toEqual(saved.client)
    expect(await loadClientSecrets(db, vault, org, id)).toEqual(secrets)
    expect(await version()).toBe(before + 1)
  })

  test('are listed oldest first', async () => {
    await save(parseClientMetadata({ ...metadata, client_id: 'b' }), t0 + 1)
    await save(parseClientMetadata({ ...metadata, client_id: 'c' }), t0)
    await save(parseClientMetadata({ ...metadata, client_id: 'a' }), t0 + 1)
    expect((await listClients(db, org)).map((client) => client.id)).toEqual(['c', 'a', 'b'])
  })

  test('are deleted once, with their secrets', async () => {
    await save(parseClientMetadata({ ...metadata, client_secret: 'correct horse' }))
    const before = await version()
    const remove = () => inTransaction(db, (tx) => deleteClient(tx, org, id))
    expect(await remove()).toBe(true)
    expect(await remove()).toBe(false)
    expect(await findClient(db, org, id)).toBeUndefined()
    expect(await check('correct horse')).toBe(false)
    expect(await version()).toBe(before + 1)
  })

  test('are known by either of two secrets, and by nothing else', async () => {
    await save({ ...parseClientMetadata(metadata), secrets: ['new secret', 'old secret'] })
    expect(await check('new secret')).toBe(true)
    expect(await check('old secret')).toBe(true)
    for (const wrong of ['', 'new', 'new secret ', 'New secret']) expect(await check(wrong)).toBe(false)
    expect(await checkClientSecret(db, vault, org, 'nobody' as ClientId, '')).toBe(false)
  })

  test('keep their secrets when saved without, and lose them when saved with none', async () => {
    const input = parseClientMetadata({ ...metadata, client_secret: 'correct horse' })
    await save(input)
    const { secrets: _, ...without } = input
    await save({ ...without, name: 'Renamed' })
    expect(await check('correct horse')).toBe(true)
    await save({ ...without, secrets: [] })
    expect(await check('correct horse')).toBe(false)
  })

  test('have at most two secrets', async () => {
    const three = save({ ...parseClientMetadata(metadata), secrets: ['first one', 'second one', 'third one'] })
    await expect(three).rejects.toMatchObject({
      code: 'invalid_client_metadata',
      details: { member: 'client_secret' },
    })
  })

  test('keep their secrets unreadable, and bound to the client', async () => {
    await save({ ...parseClientMetadata(metadata), secrets: ['correct horse'] })
    await save({ ...parseClientMetadata({ ...metadata, client_id: 'other' }), secrets: ['another horse'] })
    const rows = await db.selectFrom('client').selectAll().where('org_id', '=', org).orderBy('id').execute()
    expect(JSON.stringify(rows)).not.toContain('horse')
    for (const client of await listClients(db, org)) expect(client).not.toHaveProperty('secrets')
    // A ciphertext copied to another client by somebody who can write to the database.
    const stolen = rows.find((row) => row.id === 'other')?.secrets ?? []
    await db.updateTable('client').set({ secrets: stolen }).where('org_id', '=', org).where('id', '=', id).execute()
    await expect(check('another horse')).rejects.toMatchObject({ code: 'ciphertext_unreadable' })
  })

  test('of one org cannot be found, listed, checked, changed or deleted from another', async () => {
    const { client } = await save({ ...parseClientMetadata(metadata), secrets: ['correct horse'] })
    const other = await makeOrg(db)
    expect(await findClient(db, other, id)).toBeUndefined()
    expect(await listClients(db, other)).toEqual([])
    expect(await checkClientSecret(db, vault, other, id, 'correct horse')).toBe(false)
    expect(await loadClientSecrets(db, vault, other, id)).toEqual([])
    expect(await inTransaction(db, (tx) => deleteClient(tx, other, id))).toBe(false)
    const theirs = { ...parseClientMetadata(metadata), name: 'Theirs', secrets: ['their secret'] }
    const saved = await inTransaction(db, (tx) => saveClient(tx, other, theirs, vault, t0))
    expect(saved.outcome).toBe('created')
    expect(await findClient(db, org, id)).toEqual(client)
    expect(await check('their secret')).toBe(false)
  })

  test('of an org that does not exist are not kept', async () => {
    const nowhere = newId<OrgId>('00o')
    const saved = inTransaction(db, (tx) => saveClient(tx, nowhere, parseClientMetadata(metadata), vault, t0))
    await expect(saved).rejects.toMatchObject({ code: 'org_not_found' })
    expect(await listClients(db, nowhere)).toEqual([])
  })
})
