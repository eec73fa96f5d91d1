/** Drives one sign-in through the engine, without pages. */
import type { Authenticator, CreateInput, GetInput } from '@latchkey/webauthn/testing'
import type { RequestContext } from '../platform/http/index.ts'
import { newSecret } from '../platform/ids.ts'
import type { Client } from '../records/clients/index.ts'
import { findSessionByToken, type Session } from '../records/sessions/index.ts'
import type { TestOrg } from '../testing/index.ts'
import {
  type Answered,
  type AnswerName,
  answerSignIn,
  beginSignIn,
  keepSignIn,
  loadSignIn,
  type Outcome,
  type SignInRequest,
  type StepName,
  startEnrolment,
  startPasskey,
  type Transaction,
  takeOutcome,
  type View,
  viewSignIn,
} from './index.ts'

export type VisitOptions = { session?: Session | undefined; boundTo?: string; ip?: string }

/** A transaction as its browser sees it. */
export type Visit = {
  readonly handle: string
  readonly boundTo: string
  /** The token of the session that the last answer started or renewed. */
  readonly token: string | undefined
  load(): Promise<Transaction>
  view(): Promise<View>
  /** The names of the steps that are open. */
  steps(): Promise<StepName[]>
  answer(step: AnswerName, input?: object, options?: { version?: number; ip?: string }): Promise<Answered>
  startPasskey(mode?: 'autofill' | 'button' | 'identified'): Promise<Awaited<ReturnType<typeof startPasskey>>>
  startEnrolment(conditional?: boolean): Promise<Awaited<ReturnType<typeof startEnrolment>>>
  /** A whole passkey ceremony; the overrides are what the authenticator gets wrong. */
  usePasskey(authenticator: Authenticator, overrides?: Partial<GetInput>): Promise<Answered>
  makePasskey(authenticator: Authenticator, overrides?: Partial<CreateInput>): Promise<Answered>
  /** Asks for a code and answers with the one in the mail. */
  useCode(email: string): Promise<Answered>
  session(): Promise<Session | undefined>
  takeOutcome(boundTo?: string): Promise<{ outcome: Outcome; transaction: Transaction }>
}

/** What a client's authorization request asks of a sign-in. */
export function asking(client: Client, request: Partial<SignInRequest> = {}): Partial<SignInRequest> {
  const about = {
    id: client.id,
    name: client.name,
    serverId: 'default' as never,
    isTrusted: client.consent === 'trusted',
  }
  return { client: about, scopes: ['openid', 'email'], returnTo: '/login/token/redirect', ...request }
}

export const depsOf = ({ house }: TestOrg) => ({ ...house.ground, cache: house.cache })

/** Begins a sign-in in memory and tells what is open, as an authorization endpoint does first. */
export async function viewOf(org: TestOrg, request: Partial<SignInRequest> = {}, session?: Session): Promise<View> {
  const asked = { ...ownRequest, ...request }
  const current = await org.current()
  const transaction = await beginSignIn(depsOf(org), current, { request: asked, boundTo: 'a browser', session })
  return await viewSignIn(depsOf(org), current, transaction)
}

const ownRequest: SignInRequest = { scopes: [], returnTo: '/sign-in/complete', continuation: { to: '/account' } }

/** Begins a sign-in and keeps it. */
export async function visit(
  org: TestOrg,
  request: Partial<SignInRequest> = {},
  options: VisitOptions = {},
): Promise<Visit> {
  const deps = depsOf(org)
  const { boundTo = `browser:${newSecret()}`, session, ip = '192.0.2.10' } = options
  const asked = { ...ownRequest, ...request }
  const begun = await beginSignIn(deps, await org.current(), { request: asked, boundTo, session })
  const handle = await keepSignIn(deps, await org.current(), begun)
  let token: string | undefined
  const load = async () => await loadSignIn(deps, await org.current(), handle, boundTo)
  const context = (from = ip): RequestContext => ({ requestId: 'a request', ip: from, userAgent: 'Firefox/140 Linux' })
  const attempt = async () => ({
    deps,
    org: await org.current(),
    transaction: await load(),
    context: context(),
    at: deps.now(),
  })
  const self: Visit = {
    handle,
    boundTo,
    get token() {
      return token
    },
    load,
    view: async () => await viewSignIn(deps, await org.current(), await load()),
    steps: async () => (await self.view()).steps.map(({ name }) => name),
    async answer(step, input = {}, { version, ip: from } = {}) {
      const answer = { transaction: await load(), version, step, input, context: context(from) }
      const answered = await answerSignIn(deps, await org.current(), answer)
      token = answered.sessionToken ?? token
      return answered
    },
    startPasskey: async (mode = 'button') => await startPasskey(await attempt(), { mode }),
    startEnrolment: async (conditional = false) => await startEnrolment(await attempt(), { conditional }),
    async usePasskey(authenticator, overrides = {}) {
      const { ceremony, publicKey } = await self.startPasskey()
      const response = authenticator.get(publicKey, { origin: org.url, ...overrides })
      return await self.answer('passkey', { ceremony, response })
    },
    async makePasskey(authenticator, overrides = {}) {
      const { ceremony, publicKey } = await self.startEnrolment()
      const response = authenticator.create(publicKey, { origin: org.url, ...overrides })
      return await self.answer('enrol-passkey', { ceremony, response })
    },
    async useCode(email) {
      await self.answer('send-code')
      return await self.answer('code', { code: await org.code(email) })
    },
    session: async () =>
      token === undefined ? undefined : await findSessionByToken(deps.db, org.id, token, deps.now()),
    takeOutcome: async (from = boundTo) => await takeOutcome(deps, await org.current(), handle, from),
  }
  return self
}

/** Signs a person in with the passkey that they have, and gives the session. */
export async function sessionOf(org: TestOrg, { authenticator }: { authenticator: Authenticator }): Promise<Session> {
  const signedIn = await visit(org)
  await signedIn.usePasskey(authenticator)
  const session = await signedIn.session()
  if (!session) throw new Error('No session was started')
  return session
}
