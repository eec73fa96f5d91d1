import { type CurrentOrg, withAddress } from '../access/index.ts'
import { provisionKeys, provisionOrg } from '../commands/provision.ts'
import { openDelivery, sendMail } from '../jobs/send-mail.ts'
import { inTransaction } from '../platform/database/index.ts'
import { type Client, type ClientInput, saveClient } from '../records/clients/index.ts'
import { type Event, type EventQuery, listEvents } from '../records/events/index.ts'
import { type KeptMail, listMail } from '../records/mailbox/index.ts'
import { getOrg, newOrgId, type OrgId, type OrgSettings, saveOrg } from '../records/orgs/index.ts'
import {
  listPolicies,
  type PolicyActions,
  type PolicyType,
  parsePolicy,
  savePolicy,
} from '../records/policies/index.ts'
import { type Browser, type BrowserOptions, createBrowser } from './browser.ts'
import type { TestHouse } from './house.ts'
import { newPerson, type Person, type PersonInput } from './people.ts'
import { overInject } from './transport.ts'

export type NewOrgOptions = { name?: string; settings?: OrgSettings; hosts?: readonly string[]; hasKeys?: boolean }

/** An org in a house, and what tests do with it. */
export type TestOrg = {
  readonly house: TestHouse
  readonly id: OrgId
  /** Its public origin. */
  readonly url: string
  readonly rpId: string
  /** The org as a request would see it now. */
  current(): Promise<CurrentOrg>
  /** A browser without cookies, at the org's address. */
  browser(options?: Partial<BrowserOptions>): Browser
  /** A user, active and with a proven address unless told otherwise. */
  person(input?: PersonInput): Promise<Person>
  /** A client; public, with the redirect URI `https://app.example/callback`, asking for consent, unless told otherwise. */
  client(input?: Partial<ClientInput>): Promise<Client>
  /** Puts a policy before all others, earlier ones of this kind included; what its actions leave out is as in the org's default policy. */
  policy<Type extends PolicyType>(
    type: Type,
    actions: Partial<PolicyActions[Type]>,
    conditions?: Readonly<Record<string, readonly string[]>>,
  ): Promise<void>
  /** Everything that was recorded, oldest first. */
  events(query?: Partial<EventQuery>): Promise<Event[]>
  /** Delivers what waits and lists it, newest first. */
  mail(to?: string): Promise<KeptMail[]>
  /** The code in the newest mail to an address. */
  code(to: string): Promise<string>
}

/** Makes an org that no other test has, at an address of its own. */
export async function newOrg(house: TestHouse, options: NewOrgOptions = {}): Promise<TestOrg> {
  const { ground, config } = house
  const id = newOrgId()
  const { name = `Org ${id}`, settings, hasKeys = false } = options
  const hosts = options.hosts ?? [`${id.toLowerCase()}.${new URL(config.url).hostname}`]
  await inTransaction(ground.db, async (tx) => {
    await provisionOrg(tx, { id, name, hosts }, ground.now())
    if (settings) await saveOrg(tx, { id, name, hosts, settings }, ground.now())
  })
  if (hasKeys) await provisionKeys(ground, id)
  return await openOrg(house, id)
}

/** Opens an org that is there already. */
export async function openOrg(house: TestHouse, id: OrgId): Promise<TestOrg> {
  const { ground, config, app } = house
  const { db, now, vault } = ground
  const current = async () => withAddress(await getOrg(db, id), config)
  const { url, rpId } = await current()
  const deliver = sendMail(ground, openDelivery(ground, { transport: undefined, isDevelopment: true }))
  let priority = 900
  const org: TestOrg = {
    house,
    id,
    url,
    rpId,
    current,
    browser: (options = {}) => createBrowser({ url, transport: overInject(app), ...options }),
    person: (input) => newPerson(org, input),
    client: (input = {}) =>
      inTransaction(db, async (tx) => (await saveClient(tx, id, { ...publicClient, ...input }, vault, now())).client),
    async policy(type, actions, conditions = {}) {
      await inTransaction(db, async (tx) => {
        const usual = (await listPolicies(tx, id)).find((policy) => policy.type === type)?.rules[0]?.actions
        const rule = { name: 'Of the test', actions: { ...usual, ...actions } }
        priority -= 1
        const policy = { type, name: 'Of the test', priority, conditions, rules: [rule] }
        await savePolicy(tx, id, parsePolicy(policy), now())
      })
    },
    events: (query = {}) => listEvents(db, id, { limit: 1_000, ...query }),
    async mail(to) {
      while (await deliver.run());
      return await listMail(db, id, { limit: 200, ...(to !== undefined && { to }) })
    },
    async code(to) {
      // Among mail of the same moment there is no newest: a notice may stand before the code.
      const codes = (await org.mail(to)).map(({ subject }) => /^\d{6}\b/.exec(subject)?.[0])
      const code = codes.find((found) => found !== undefined)
      if (code === undefined) throw new Error(`No code was sent to ${to}`)
      return code
    },
  }
  return org
}

const publicClient: ClientInput = {
  name: 'Notes',
  status: 'active',
  applicationType: 'browser',
  tokenEndpointAuthMethod: 'none',
  redirectUris: ['https://app.example/callback'],
  postLogoutRedirectUris: [],
  grantTypes: ['authorization_code'],
  responseTypes: ['code'],
  consent: 'required',
  requirePkce: true,
}
