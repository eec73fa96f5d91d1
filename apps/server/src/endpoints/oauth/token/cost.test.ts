/** What the hot path costs the database: every statement here is one that each sign-in of everybody pays. */
import type { KyselyPlugin } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../platform/database/testing.ts'
import {
  addClient,
  addUser,
  authorizeQuery,
  getCode,
  openTestHouse,
  redeem,
  signIn,
  type TestHouse,
} from '../testing.ts'

let house: TestHouse
let statements: string[] = []

/** Names each statement by its kind and its table. */
const counting: KyselyPlugin = {
  transformQuery: ({ node }) => {
    const table = /"kind":"IdentifierNode","name":"([a-z_]+)"/.exec(JSON.stringify(node))?.[1]
    statements.push(`${node.kind.replace('QueryNode', '').toLowerCase()} ${table}`)
    return node
  },
  transformResult: async ({ result }) => result,
}

beforeAll(async () => {
  const [sqlite] = databases
  if (!sqlite) throw new Error('no database')
  house = await openTestHouse((await sqlite.open()).withPlugin(counting))
})

async function costOf(work: () => Promise<unknown>): Promise<string[]> {
  statements = []
  await work()
  // Every request looks its org up first.
  return statements.filter((statement) => !/ org(_host)?$/.test(statement))
}

describe('The hot path', () => {
  test('authorizes somebody who is signed in, and redeems the code, with few statements', async () => {
    const client = await addClient(house, {})
    const browser = await signIn(house, await addUser(house))
    const first = await getCode(house, client, browser)
    await redeem(house, client, first)

    let code = ''
    const authorizing = await costOf(async () => {
      code = await getCode(house, client, browser, { scope: 'openid profile' })
    })
    expect(authorizing.filter((statement) => statement.startsWith('insert'))).toEqual([
      'insert oauth_grant',
      'insert token',
      'insert event',
    ])
    expect(authorizing.length).toBeLessThanOrEqual(7)

    const redeeming = await costOf(() => redeem(house, client, code))
    expect(redeeming).toEqual(['update token', 'select oauth_grant', 'select person', 'insert event'])
  })

  test('answers userinfo with reads alone', async () => {
    const client = await addClient(house, {})
    const browser = await signIn(house, await addUser(house))
    const { access_token: token } = (await redeem(house, client, await getCode(house, client, browser))).json()
    const headers = { authorization: `Bearer ${token}` }
    const get = () => house.app.inject({ method: 'GET', url: '/oauth2/default/v1/userinfo', headers })
    await get()
    const cost = await costOf(get)
    expect(cost.toSorted()).toEqual(['select address', 'select oauth_grant', 'select person', 'select token'])
  })

  test('refuses a request without asking the database who is signed in', async () => {
    const client = await addClient(house, {})
    const url = `/oauth2/default/v1/authorize?${authorizeQuery(client, { scope: 'nothing' })}`
    const get = () => house.app.inject({ method: 'GET', url })
    await get()
    expect(await costOf(get)).toEqual(['insert event'])
  })
})
