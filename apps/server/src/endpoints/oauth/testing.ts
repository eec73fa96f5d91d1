/**
 * A house of this room alone for tests: real routes on a real database, without pages' files. Whoever signs in gets a
 * session as the engine would start it.
 */
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { type Cache, mountOrgs, openCache, recordingRefusals, withAddress } from '../../access/index.ts'
import { hour } from '../../platform/clock.ts'
import { type Database, inTransaction } from '../../platform/database/index.ts'
import type { Ground } from '../../platform/ground.ts'
import { hashSecret } from '../../platform/hash.ts'
import {
  createHttpServer,
  type RenderError,
  renderProblem,
  serializeCookie,
  watchRoutes,
} from '../../platform/http/index.ts'
import { newSecret } from '../../platform/ids.ts'
import { openLog } from '../../platform/log.ts'
import { type Outbound, openOutbound } from '../../platform/outbound.ts'
import { openVault } from '../../platform/vault.ts'
import { ensureDefaultServers, listAuthorizationServers } from '../../records/authorization-servers/index.ts'
import { type Client, parseClientMetadata, saveClient } from '../../records/clients/index.ts'
import { listDirectories, newDirectoryId, saveDirectory } from '../../records/directories/index.ts'
import { ensureBuiltinGroups } from '../../records/groups/index.ts'
import { ensureSigningKeys } from '../../records/keys/index.ts'
import { getOrg, type OrgId, saveOrg } from '../../records/orgs/index.ts'
import { ensureDefaultPolicies } from '../../records/policies/index.ts'
import { type Authentication, type Session, startSession } from '../../records/sessions/index.ts'
import { insertUser, saveAddress, type User, verifyAddress } from '../../records/users/index.ts'
import { type AnswerName, answerSignIn, loadSignIn } from '../../sign-in/index.ts'
import { mountOAuth, oauthRenderers } from './index.ts'

export type TestHouse = Ground & {
  cache: Cache
  outbound: Outbound
  app: FastifyInstance
  /** The public address of the first org; it answers there once `listen` was called. */
  url: string
  /** Moves the clock. */
  pass(milliseconds: number): void
  listen(): Promise<void>
}

export const firstOrg = 'default' as OrgId
export const secondOrg = '00oSecondOrgOfTests0' as OrgId
export const secondHost = 'second.example'

export async function openTestHouse(db: Database): Promise<TestHouse> {
  let ahead = 0
  const ground: Ground = {
    db,
    now: () => Date.now() + ahead,
    log: openLog({ level: 'silent' }),
    vault: openVault(['a secret of tests that is long enough']),
  }
  const settings = { mode: 'start' as const, url: 'http://localhost:8080' }
  const assets = { 'style.css': '/style.css', 'icon.svg': '/icon.svg', 'sign-in.js': '/s.js', 'account.js': '/a.js' }
  const app = createHttpServer({
    log: ground.log,
    trustedProxies: [],
    renderers: { problem: renderProblem, page: renderPage, ...oauthRenderers(renderPage) },
    onRefusal: recordingRefusals(ground),
  })
  const { refuseOtherMethods } = watchRoutes(app)
  mountOrgs(app, ground, settings)
  const cache = openCache(ground)
  const outbound = openOutbound({ allowsLoopback: true })
  mountOAuth(app, { ...ground, cache, assets, outbound })
  refuseOtherMethods()
  await provision(ground, firstOrg, 'localhost')
  await provision(ground, secondOrg, secondHost)
  const house: TestHouse = {
    ...ground,
    cache,
    outbound,
    app,
    url: settings.url,
    pass: (milliseconds) => {
      ahead += milliseconds
    },
    listen: async () => {
      const { port } = new URL(await app.listen({ port: 0, host: 'localhost' }))
      settings.url = `http://localhost:${port}`
      house.url = settings.url
    },
  }
  return house
}

const renderPage: RenderError = (error, _request, reply) =>
  reply.status(error.status).type('text/html; charset=utf-8').send(`<h1>${error.code}</h1>`)

async function provision({ db, vault, now }: Ground, id: OrgId, host: string): Promise<void> {
  const at = now()
  await inTransaction(db, async (tx) => {
    await saveOrg(tx, { id, name: host, hosts: [host], settings: { brand: {} } }, at)
    await saveDirectory(tx, id, { id: newDirectoryId(), name: 'Default', isDefault: true }, at)
    await ensureDefaultServers(tx, id, at)
    await ensureDefaultPolicies(tx, id, at)
    await ensureBuiltinGroups(tx, id, at)
  })
  for (const server of await listAuthorizationServers(db, id))
    await ensureSigningKeys(db, vault, id, server.id, 'RS256', at)
}

/** Registers a client by RFC 7591 metadata; a public one with PKCE unless told otherwise. */
export async function addClient(house: Ground, metadata: object, org: OrgId = firstOrg): Promise<Client> {
  const input = parseClientMetadata({
    application_type: 'browser',
    redirect_uris: ['https://app.example/callback'],
    grant_types: ['authorization_code', 'refresh_token'],
    ...metadata,
  })
  const { client } = await inTransaction(house.db, (tx) => saveClient(tx, org, input, house.vault, house.now()))
  return client
}

let people = 0

/** Adds a user whose address is proven. */
export async function addUser({ db, now }: Ground, profile: object = {}, org: OrgId = firstOrg): Promise<User> {
  people += 1
  const login = `person${people}@example.com`
  const [directory] = await listDirectories(db, org)
  if (!directory) throw new Error('the org was not provisioned')
  return await inTransaction(db, async (tx) => {
    const whole = { login, email: login, firstName: 'Ada', lastName: 'Byron', ...profile }
    const user = await insertUser(tx, org, { directoryId: directory.id, status: 'active', profile: whole }, now())
    await saveAddress(tx, org, { userId: user.id, kind: 'email', value: login, isPrimary: true })
    await verifyAddress(tx, org, user.id, 'email', login, now())
    return user
  })
}

export type Browser = { cookie: string; session: Session; boundTo: string }

/** Signs a user in, as a passkey would. */
export async function signIn(
  { db, now }: Ground,
  user: User,
  { org = firstOrg, ...proof }: Partial<Authentication> & { org?: OrgId } = {},
): Promise<Browser> {
  const authentication: Authentication = { method: 'passkey', at: now(), userVerified: true, ...proof }
  const lifetimes = { sessionIdleMs: 8 * hour, sessionLifetimeMs: 24 * hour }
  const context = { ip: null, userAgent: null }
  const { session, token } = await inTransaction(db, (tx) =>
    startSession(tx, org, { userId: user.id, authentications: [authentication], context, lifetimes }, now()),
  )
  const secret = newSecret()
  const cookies = [
    ['session', token],
    ['browser', secret],
  ] as const
  const cookie = cookies
    .map(([name, value]) => serializeCookie(name, value, { secure: false }).split(';')[0])
    .join('; ')
  return { cookie, session, boundTo: `browser:${hashSecret(secret)}` }
}

/** The pair of RFC 7636, Appendix B. */
export const pkce = {
  verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
  challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
}

export type Parameters = Readonly<Record<string, string | undefined>>

/** A whole authorization request; what is given as undefined is left out. */
export function authorizeQuery(client: Client, changes: Parameters = {}): string {
  const whole: Parameters = {
    client_id: client.id,
    redirect_uri: client.redirectUris[0],
    response_type: 'code',
    scope: 'openid profile email',
    state: 'a state',
    nonce: 'a nonce',
    code_challenge: pkce.challenge,
    code_challenge_method: 'S256',
    ...changes,
  }
  return encode(whole)
}

export function encode(parameters: Parameters): string {
  const present = Object.entries(parameters).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]],
  )
  return new URLSearchParams(present).toString()
}

export const form = { 'content-type': 'application/x-www-form-urlencoded' }

/** What the redirect of an answer says. */
export function redirectOf(response: LightMyRequestResponse): { to: string; parameters: Record<string, string> } {
  const [to = '', query = ''] = String(response.headers.location).split(/[?#]/)
  return { to, parameters: Object.fromEntries(new URLSearchParams(query)) }
}

/** Asks for a code with a living session. */
export async function getCode(
  { app }: TestHouse,
  client: Client,
  browser: Browser,
  { base = '/oauth2/default/v1', host = 'localhost', ...changes }: Parameters = {},
): Promise<string> {
  const url = `${base}/authorize?${authorizeQuery(client, changes)}`
  const response = await app.inject({ method: 'GET', url, headers: { host, cookie: browser.cookie } })
  const { code } = redirectOf(response).parameters
  if (code === undefined) throw new Error(`no code: ${response.statusCode} ${response.headers['x-latchkey-error']}`)
  return code
}

/** Sends a form to the token endpoint. */
export async function postToken(
  { app }: TestHouse,
  { base = '/oauth2/default/v1', host = 'localhost', ...parameters }: Parameters,
  headers: Readonly<Record<string, string>> = {},
): Promise<LightMyRequestResponse> {
  const payload = encode(parameters)
  return await app.inject({ method: 'POST', url: `${base}/token`, headers: { host, ...form, ...headers }, payload })
}

/** Redeems a code as its client does. */
export async function redeem(house: TestHouse, client: Client, code: string, changes: Parameters = {}) {
  return await postToken(house, {
    grant_type: 'authorization_code',
    code,
    client_id: client.id,
    redirect_uri: client.redirectUris[0],
    code_verifier: pkce.verifier,
    ...changes,
  })
}

export const reasonOf = (response: LightMyRequestResponse) => response.headers['x-latchkey-error']

/** Answers a step of the sign-in that an answer led to, as its page would; gives the handle. */
export async function answerStep(
  house: TestHouse,
  browser: Browser,
  location: unknown,
  [step, input]: readonly [AnswerName, object],
): Promise<string> {
  const handle = String(location).replace('/sign-in/', '')
  const org = withAddress(await getOrg(house.db, firstOrg), { url: house.url })
  const transaction = await loadSignIn(house, org, handle, browser.boundTo)
  const context = { requestId: 'req', ip: '::1' }
  await answerSignIn(house, org, { transaction, step, input, context })
  return handle
}
