import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Authenticator, createAuthenticator } from '@latchkey/webauthn/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeDatabase, openDatabase } from '../platform/database/index.ts'
import { describeEachDatabase } from '../platform/database/testing.ts'
import { addPasskeyInBrowser, type Browser, signInByPasskey, snapshot } from '../testing/index.ts'
import { type App, appOf, type Tokens } from './testing/app.ts'
import { type Cluster, mailedCode, newCluster, type ServerProcess } from './testing/server.ts'

/** What the server said yes to before it was killed. */
type Acknowledged = {
  sessions: string[]
  passkeys: { email: string; authenticator: Authenticator }[]
  redeemed: { code: string; tokens: Tokens }[]
}

const redirectUri = 'https://app.example/callback'
const blueprint = {
  orgs: [
    {
      id: 'default',
      clients: [
        {
          client_id: 'app',
          application_type: 'browser',
          redirect_uris: [redirectUri],
          grant_types: ['authorization_code', 'refresh_token'],
          token_endpoint_auth_method: 'none',
        },
      ],
    },
  ],
}
const app: App = appOf({ id: 'app', redirectUris: [redirectUri] })
const kills = 3
const people = 6
const sessionCookie = 'latchkey.session'

let counted = 0

/** A new person signs up, makes a passkey, and signs in to the app; then again by the passkey, until there is no server. */
async function live(server: ServerProcess, known: Acknowledged): Promise<void> {
  for (let round = 0; round < 50; round += 1) {
    counted += 1
    const email = `person-${counted}@example.com`
    const browser = server.browser(`198.51.100.${counted % 250}`)
    const authenticator = createAuthenticator()
    await signUp(browser, email, known)
    expect((await addPasskeyInBrowser(browser, authenticator)).status).toBe(200)
    known.passkeys.push({ email, authenticator })
    await useApp(browser, known)
    const again = server.browser(`198.51.100.${counted % 250}`)
    await again.open('/sign-in')
    expect((await signInByPasskey(again, authenticator)).status).toBe(200)
    known.sessions.push(again.cookies.get(sessionCookie) ?? '')
  }
}

async function signUp(browser: Browser, email: string, known: Acknowledged): Promise<void> {
  await browser.open('/sign-up')
  await browser.submit('/sign-up', { identifier: email, firstName: 'Ada' })
  const code = await mailedCode(browser, email)
  await browser.submit('/code', { code })
  known.sessions.push(browser.cookies.get(sessionCookie) ?? '')
}

async function useApp(browser: Browser, known: Acknowledged): Promise<void> {
  await browser.open(app.authorizePath())
  const granted = browser.at.location ? browser.at : await browser.submit('/consent', { decision: 'allow' })
  const code = URL.parse(granted.location ?? '')?.searchParams.get('code') ?? ''
  const answer = await app.redeem(browser, code)
  expect(answer.status).toBe(200)
  known.redeemed.push({ code, tokens: answer.json<Tokens>() })
}

type Row = Readonly<Record<string, unknown>>
type Details = { sessionId?: string; credentialId?: string; grantId?: string }

describeEachDatabase('kill -9 in the middle of sign-ins', (_open, database) => {
  let cluster: Cluster
  let address: Awaited<ReturnType<typeof database.create>>
  beforeAll(async () => {
    address = await database.create()
    cluster = await newCluster(address)
    const file = join(cluster.environment.LATCHKEY_DATA ?? '', 'blueprint.json')
    writeFileSync(file, JSON.stringify(blueprint))
    expect(await cluster.run('apply', file)).toMatchObject({ code: 0 })
  }, 60_000)
  afterAll(() => cluster?.close())

  const survey = async () => {
    const db = await openDatabase(address)
    const tables = await snapshot(db, [])
    await closeDatabase(db)
    return (table: string): Row[] => (tables[table] ?? []).map((row) => JSON.parse(row))
  }

  /** Everything that would only be half there. */
  const halves = async (): Promise<string[]> => {
    const rows = await survey()
    const detailsOf = (row: Row): Details =>
      typeof row.details === 'string' ? JSON.parse(row.details) : (row.details ?? {})
    const told = (type: string, member: keyof Details) =>
      new Set(
        rows('event')
          .filter((event) => event.type === type)
          .map((event) => detailsOf(event)[member]),
      )
    const ids = (table: string, column: string) => new Set(rows(table).map((row) => row[column]))
    const missing = (table: string, column: string, there: ReadonlySet<unknown>, what: string, of = rows(table)) =>
      of.filter((row) => !there.has(row[column])).map((row) => `${table} ${row[column]} without ${what}`)
    const codes = rows('token').filter(({ kind }) => kind === 'code')
    const redeemed = codes.filter((code) => code.redeemed_at !== null)
    const createdUsers = new Set(
      rows('event')
        .filter(({ type }) => type === 'user.created')
        .map((event) => event.user_id),
    )
    return [
      ...missing('browser_session', 'id', told('session.started', 'sessionId'), 'its event'),
      ...missing('browser_session', 'user_id', ids('person', 'id'), 'its user'),
      ...missing('credential', 'id', told('passkey.created', 'credentialId'), 'its event'),
      ...missing('credential', 'user_id', ids('person', 'id'), 'its user'),
      ...missing('person', 'id', ids('identifier', 'user_id'), 'an identifier'),
      ...missing('person', 'id', ids('address', 'user_id'), 'an address'),
      ...missing('person', 'id', createdUsers, 'its event'),
      ...missing('oauth_grant', 'id', told('grant.created', 'grantId'), 'its event'),
      ...missing('oauth_grant', 'id', ids('token', 'grant_id'), 'its code'),
      ...missing('token', 'grant_id', ids('oauth_grant', 'id'), 'its grant', codes),
      ...missing('token', 'grant_id', told('token.issued', 'grantId'), 'the event of its redemption', redeemed),
    ]
  }

  test('loses nothing that was acknowledged and leaves nothing half done', { timeout: 120_000 }, async () => {
    const known: Acknowledged = { sessions: [], passkeys: [], redeemed: [] }
    for (let kill = 0; kill < kills; kill += 1) {
      const server = await cluster.start()
      const goal = known.sessions.length + 4 + Math.floor(Math.random() * 12)
      const lives = Array.from({ length: people }, () => live(server, known))
      const ended = Promise.allSettled(lives)
      // Bounded: a server that acknowledges nothing fails the expectations below.
      const isAtIt = () => known.sessions.length >= goal && known.redeemed.length > kill
      for (let waits = 0; waits < 1_500 && !isAtIt(); waits += 1)
        await new Promise((resolve) => setTimeout(resolve, 10))
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 40))
      await server.kill()
      const outcomes = await ended
      // Nobody ended for another reason than that the server was gone.
      for (const outcome of outcomes)
        expect(String(outcome.status === 'rejected' && (outcome.reason?.code ?? outcome.reason))).toMatch(
          /^(ECONN|EPIPE|socket)/,
        )
      expect(await halves()).toEqual([])
    }
    expect(known.sessions.length).toBeGreaterThan(kills * 4)
    expect(known.redeemed.length).toBeGreaterThan(0)

    const server = await cluster.start()
    const lost: string[] = []
    const check = async (what: string, isThere: () => Promise<boolean>) => {
      if (!(await isThere())) lost.push(what)
    }
    await Promise.all([
      ...known.sessions.map((session) =>
        check('a session', async () => {
          const browser = server.browser()
          browser.cookies.set(sessionCookie, session)
          return (await browser.request('GET', '/account')).status === 200
        }),
      ),
      ...known.passkeys.map(({ email, authenticator }) =>
        check(`the passkey of ${email}`, async () => {
          const browser = server.browser()
          await browser.open('/sign-in')
          return (await signInByPasskey(browser, authenticator)).status === 200
        }),
      ),
      ...known.redeemed.map(({ code, tokens }) =>
        check('a redeemed code and what it gave', async () => {
          const browser = server.browser()
          if ((await app.userinfo(browser, tokens.access_token)).status !== 200) return false
          if ((await app.refresh(browser, tokens.refresh_token)).status !== 200) return false
          return (await app.redeem(browser, code)).error === 'code_reused'
        }),
      ),
    ])
    expect(lost).toEqual([])
    await server.stop()
  })
})
