import { beforeAll, expect, test } from 'vitest'
import { newOrgId, type OrgId, saveOrg } from '../../records/orgs/index.ts'
import { type Database, inTransaction, prepare } from './index.ts'
import { describeEachDatabase } from './testing.ts'

describeEachDatabase('A prepared statement', (open) => {
  let db: Database
  let builds = 0
  beforeAll(async () => {
    db = await open()
  })

  type Named = { id: OrgId; name: string; version: number }
  const insert = prepare((reader, row: Named) =>
    reader
      .insertInto('org')
      .values({ ...row, settings: { brand: {} }, created_at: 5 })
      .returning(['id', 'created_at']),
  )
  const find = prepare((reader, { id, atLeast }: { id: OrgId; atLeast: number }) => {
    builds += 1
    return reader.selectFrom('org').select(['id', 'name']).where('id', '=', id).where('version', '>=', atLeast)
  })

  test('is built once, and takes its parameters anew each time it is run', async () => {
    const [first, second] = [newOrgId(), newOrgId()]
    expect(await insert(db, { id: first, name: 'First', version: 1 })).toEqual([{ id: first, created_at: 5 }])
    expect(await insert(db, { id: second, name: 'Second', version: 7 })).toEqual([{ id: second, created_at: 5 }])
    await find(db, { id: first, atLeast: 1 })
    const before = builds
    expect(await find(db, { atLeast: 1, id: first })).toEqual([{ id: first, name: 'First' }])
    expect(await find(db, { id: second, atLeast: 1 })).toEqual([{ id: second, name: 'Second' }])
    expect(await find(db, { id: first, atLeast: 2 })).toEqual([])
    expect(builds).toBe(before)
  })

  test('is of its database: another one has its own', async () => {
    const id = newOrgId()
    await insert(db, { id, name: 'Here', version: 1 })
    expect(await find(await open(), { id, atLeast: 1 })).toEqual([])
    expect(await find(db, { id, atLeast: 1 })).toHaveLength(1)
  })

  test('is part of the transaction that runs it', async () => {
    const id = newOrgId()
    const undone = inTransaction(db, async (tx) => {
      await saveOrg(tx, { id, name: 'Undone', hosts: [], settings: { brand: {} } }, 1)
      expect(await find(tx, { id, atLeast: 1 })).toEqual([{ id, name: 'Undone' }])
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    expect(await find(db, { id, atLeast: 1 })).toEqual([])
  })

  test('is shown to plugins each time', async () => {
    const seen: string[] = []
    const watched = db.withPlugin({
      transformQuery({ node }) {
        seen.push(node.kind)
        return node
      },
      transformResult: async ({ result }) => result,
    })
    await find(watched, { id: newOrgId(), atLeast: 1 })
    await find(watched, { id: newOrgId(), atLeast: 1 })
    expect(seen).toEqual(['SelectQueryNode', 'SelectQueryNode'])
  })

  test('is refused when a parameter is missing', async () => {
    await find(db, { id: newOrgId(), atLeast: 1 })
    const incomplete: { id: OrgId; atLeast: number } = JSON.parse('{"id":"00oNobody"}')
    await expect(find(db, incomplete)).rejects.toMatchObject({ code: 'value_not_storable' })
  })
})
