import { beforeAll, describe, expect, test } from 'vitest'
import { type Database, inTransaction } from '../../platform/database/index.ts'
import { describeEachDatabase } from '../../platform/database/testing.ts'
import { newOrgId, type OrgInput } from './org.ts'
import { findOrg, findOrgByHost, findOrgVersionByHost, getOrg, listOrgs, saveOrg, touchOrg } from './store.ts'
import { makeOrg, testTime } from './testing.ts'

describeEachDatabase('Orgs', (open) => {
  let db: Database
  beforeAll(async () => {
    db = await open()
  })
  const save = (input: OrgInput) => inTransaction(db, (tx) => saveOrg(tx, input, testTime))
  const input = (hosts: readonly string[] = []): OrgInput => ({
    id: newOrgId(),
    name: 'Example',
    hosts,
    settings: { rpId: 'example.com', brand: { accent: '#123456' }, passkeyLimit: 5 },
  })

  test('are kept with their hosts in the order given', async () => {
    const given = input(['B.example', 'a.example', 'b.example'])
    expect(await save(given)).toBe(true)
    expect(await findOrg(db, given.id)).toEqual({
      ...given,
      hosts: ['b.example', 'a.example'],
      version: 1,
      createdAt: testTime,
    })
  })

  test('saved again unchanged, stay as they are, version included', async () => {
    const given = input(['same.example'])
    await save(given)
    expect(await save(structuredClone(given))).toBe(false)
    expect((await getOrg(db, given.id)).version).toBe(1)
  })

  test.each<Partial<OrgInput>>([{ name: 'Other' }, { hosts: ['else.example'] }, { settings: { brand: {} } }])(
    'changed by %j, are changed and get a higher version',
    async (change) => {
      const given = input()
      await save(given)
      expect(await save({ ...given, ...change })).toBe(true)
      expect(await getOrg(db, given.id)).toMatchObject({ ...change, version: 2 })
      await save({ ...given, hosts: [] })
    },
  )

  test('get a higher version each time that something cached is changed', async () => {
    const id = await makeOrg(db)
    await inTransaction(db, (tx) => touchOrg(tx, id))
    expect((await getOrg(db, id)).version).toBe(2)
  })

  test('created by two processes at once are created once', async () => {
    const given = input(['twice.example'])
    const created = await Promise.all([save(given), save(given)])
    expect(created.sort()).toEqual([false, true])
    expect((await listOrgs(db)).filter(({ id }) => id === given.id)).toHaveLength(1)
  })

  test('that do not exist are not found, and cannot be touched', async () => {
    await expect(getOrg(db, newOrgId())).rejects.toMatchObject({ code: 'org_not_found' })
    await expect(inTransaction(db, (tx) => touchOrg(tx, newOrgId()))).rejects.toMatchObject({ code: 'org_not_found' })
  })

  describe('by host', () => {
    test('are found whatever the letters’ case, and by the name alone where the port is not listed', async () => {
      const id = await makeOrg(db, ['find.example'])
      for (const host of ['find.example', 'FIND.example.', 'find.example:443', 'find.example:8443'])
        expect((await findOrgByHost(db, host))?.id).toBe(id)
    })

    test('are told apart by port where the port is listed', async () => {
      const plain = await makeOrg(db, ['port.example'])
      const ported = await makeOrg(db, ['port.example:8443'])
      expect((await findOrgByHost(db, 'port.example'))?.id).toBe(plain)
      expect(await findOrgVersionByHost(db, 'port.example')).toEqual({ id: plain, version: 1 })
      await inTransaction(db, (tx) => touchOrg(tx, plain))
      expect(await findOrgVersionByHost(db, 'port.example:1')).toEqual({ id: plain, version: 2 })
      expect((await findOrgByHost(db, 'port.example:8443'))?.id).toBe(ported)
    })

    test('come with all their hosts', async () => {
      await makeOrg(db, ['first.example', 'second.example'])
      expect((await findOrgByHost(db, 'second.example'))?.hosts).toEqual(['first.example', 'second.example'])
    })

    test.each(['unknown.example', 'x.find.example', 'not a host', ''])('are not found by %j', async (host) => {
      await makeOrg(db, [])
      expect(await findOrgByHost(db, host)).toBeUndefined()
      expect(await findOrgVersionByHost(db, host)).toBeUndefined()
    })

    test('cannot take a host of another org, and keep their own when they try', async () => {
      await makeOrg(db, ['taken.example'])
      const given = input(['mine.example'])
      await save(given)
      await expect(save({ ...given, hosts: ['taken.example'] })).rejects.toMatchObject({
        code: 'host_taken',
        details: { host: 'taken.example' },
      })
      expect((await getOrg(db, given.id)).hosts).toEqual(['mine.example'])
    })

    test('refuse what is not a host', async () => {
      await expect(save(input(['https://no.example']))).rejects.toMatchObject({ code: 'host_invalid' })
    })
  })
})
