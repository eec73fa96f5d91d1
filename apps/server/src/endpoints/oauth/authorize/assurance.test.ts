import { beforeAll, describe, expect, test } from 'vitest'
import { inTransaction } from '../../../platform/database/index.ts'
import { databases } from '../../../platform/database/testing.ts'
import type { Client } from '../../../records/clients/index.ts'
import { listPolicies, parsePolicy, savePolicy } from '../../../records/policies/index.ts'
import {
  addClient,
  addUser,
  authorizeQuery,
  type Browser,
  firstOrg,
  openTestHouse,
  type Parameters,
  reasonOf,
  redeem,
  redirectOf,
  signIn,
  type TestHouse,
} from '../testing.ts'

let house: TestHouse
let client: Client
let byPassword: Browser
let byPasskey: Browser
let byKey: Browser

beforeAll(async () => {
  const [sqlite] = databases
  if (!sqlite) throw new Error('no database')
  house = await openTestHouse(await sqlite.open())
  client = await addClient(house, {})
  byPassword = await signIn(house, await addUser(house), { method: 'password' })
  byPasskey = await signIn(house, await addUser(house))
  byKey = await signIn(house, await addUser(house), { deviceBound: true })
})

const ask = (browser: Browser, changes: Parameters) =>
  house.app.inject({
    method: 'GET',
    url: `/oauth2/default/v1/authorize?${authorizeQuery(client, changes)}`,
    headers: { cookie: browser.cookie },
  })

async function acrOf(browser: Browser, acr_values: string): Promise<unknown> {
  const { code } = redirectOf(await ask(browser, { acr_values, prompt: 'none' })).parameters
  if (code === undefined) return undefined
  const { id_token: token } = (await redeem(house, client, code)).json()
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).acr
}

describe('acr_values, a client that asks for a step-up', () => {
  test.each<[string, () => Browser, string]>([
    ['phr', () => byPasskey, 'phr'],
    ['phrh', () => byKey, 'phrh'],
    ['phr', () => byKey, 'phr'],
    ['urn:okta:loa:2fa:any', () => byPasskey, 'urn:okta:loa:2fa:any'],
    ['urn:okta:loa:1fa:any', () => byPassword, 'urn:okta:loa:1fa:any'],
    ['urn:okta:loa:1fa:pwd', () => byPassword, 'urn:okta:loa:1fa:pwd'],
    ['urn:okta:loa:2fa:any:ifpossible', () => byPassword, 'urn:okta:loa:2fa:any:ifpossible'],
    ['phrh urn:okta:loa:1fa:any', () => byPassword, 'urn:okta:loa:1fa:any'],
    ['phrh phr', () => byPasskey, 'phr'],
  ])('is told what it asked for where the session gives it: %s', async (values, browser, acr) => {
    expect(await acrOf(browser(), values)).toBe(acr)
  })

  test('that nobody here knows is a wish, not a demand (OpenID Connect Core §5.5.1.1)', async () => {
    expect(await acrOf(byPassword, 'urn:mace:incommon:iap:silver')).toBe('urn:okta:loa:1fa:pwd')
  })

  test.each([
    ['phr', () => byPassword],
    ['phrh', () => byPasskey],
    ['urn:okta:loa:2fa:any', () => byPassword],
    ['urn:okta:loa:1fa:pwd', () => byPasskey],
  ])('makes the person prove more: %s', async (acr_values, browser) => {
    const silent = await ask(browser(), { acr_values, prompt: 'none' })
    expect([reasonOf(silent), redirectOf(silent).parameters.error]).toEqual(['login_required', 'login_required'])
    expect((await ask(browser(), { acr_values })).headers.location).toMatch(/^\/sign-in\//)
  })

  test('that no method here can give is refused at the client', async () => {
    const at = house.now()
    await inTransaction(house.db, async (tx) => {
      const usual = (await listPolicies(tx, firstOrg)).find(({ type }) => type === 'sign-on')
      if (!usual) throw new Error('no policy')
      const rules = usual.rules.map((rule) => ({ ...rule, actions: { ...rule.actions, methods: ['email'] } }))
      const { id: _id, createdAt: _createdAt, updatedAt: _updatedAt, ...rest } = usual
      await savePolicy(tx, firstOrg, parsePolicy({ ...rest, name: 'Mail only', priority: 0, rules }), at)
    })
    const response = await ask(byPassword, { acr_values: 'phr' })
    expect(reasonOf(response)).toBe('authentication_requirements_unmet')
    expect(redirectOf(response).parameters).toMatchObject({
      error: 'unmet_authentication_requirements',
      error_description: "Unable to meet the authentication requirements imposed by 'acr_values' parameter.",
    })
  })
})
