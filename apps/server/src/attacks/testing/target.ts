import { inTransaction } from '../../platform/database/index.ts'
import { insertApiToken } from '../../records/api-tokens/index.ts'
import { listSessions } from '../../records/sessions/index.ts'
import type { TestOrg } from '../../testing/index.ts'
import { type Answer, addPasskeyInBrowser, type Browser, signInByCode } from '../../testing/index.ts'

/** Somebody in the middle of everything, so that hostile requests get as deep into the house as they can. */
export type Target = {
  org: TestOrg
  browser: Browser
  /** The redirect URI of a client that exists. */
  redirectUri: string
  /** Addresses that a route's pattern stands for, with real ids in place of its parameters. */
  pathsTo(url: string): string[]
  /** Headers that prove that the request comes from our own page. */
  proofFor(path: string): Readonly<Record<string, string>>
  /** Form fields that prove the same. */
  fieldsFor(path: string): Readonly<Record<string, string>>
}

/** Signs somebody in who has a passkey, and leaves a second sign-in open in the same browser. */
export async function openTarget(org: TestOrg): Promise<Target> {
  const { redirectUris } = await org.client()
  const { id, email, authenticator } = await org.person()
  const browser = org.browser()
  await browser.open('/sign-in')
  await signInByCode(org, browser, email)
  await addPasskeyInBrowser(browser, authenticator)
  const account = (await browser.open('/account')).page
  const [session] = await listSessions(org.house.ground.db, org.id, id, org.house.clock())
  const open = await openSignIn(browser)
  const apiToken = await openApi(org)
  const handle = open.path.replace('/sign-in/', '')
  const tokens = [
    ['/sign-in/', open.page.csrf],
    ['/account', account.csrf],
    ['/sign-out', account.csrf],
  ] as const
  const tokenFor = (path: string) => tokens.find(([start]) => path.startsWith(start))?.[1] ?? 'none'
  const values: Readonly<Record<string, readonly string[]>> = {
    handle: [handle],
    step: ['identify', 'send-code', 'select', 'passkey', 'toString'],
    serverId: ['default'],
    file: ['sign-in.js'],
    id: [authenticator.credentials()[0]?.id ?? '', session?.id ?? ''],
  }
  return {
    org,
    browser,
    redirectUri: redirectUris[0] ?? '',
    pathsTo: (url) => pathsTo(url, values),
    proofFor: (path) => ({
      'x-csrf-token': tokenFor(path),
      origin: org.url,
      'sec-fetch-site': 'same-origin',
      ...(path.startsWith('/api/') && { authorization: `SSWS ${apiToken}` }),
    }),
    fieldsFor: (path) => ({ csrf: tokenFor(path) }),
  }
}

/** A token that may do everything, used already, so that its first use changes nothing later. */
async function openApi(org: TestOrg): Promise<string> {
  const { db, now } = org.house.ground
  const { value } = await inTransaction(db, (tx) => insertApiToken(tx, org.id, { name: 'Attack' }, now()))
  await org.browser().request('GET', '/api/v1/users', { headers: { authorization: `SSWS ${value}` } })
  return value
}

async function openSignIn(browser: Browser): Promise<Answer> {
  // Signed in already, so that only an application that wants a new proof is asked to sign in again.
  return await browser.open('/sign-up')
}

function pathsTo(url: string, values: Readonly<Record<string, readonly string[]>>): string[] {
  const name = /:([A-Za-z]+)/.exec(url)?.[1]
  if (name === undefined) return [url]
  return (values[name] ?? ['unknown']).flatMap((value) => pathsTo(url.replace(`:${name}`, value), values))
}
