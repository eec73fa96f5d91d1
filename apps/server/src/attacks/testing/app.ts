import { createHash } from 'node:crypto'
import type { Client, ClientInput } from '../../records/clients/index.ts'
import type { Answer, Browser, TestOrg } from '../../testing/index.ts'

export type Tokens = { access_token: string; id_token: string; refresh_token: string }

/** An application of an org, and what it asks of the server. */
export type App = {
  readonly base: string
  readonly verifier: string
  authorizePath(changes?: Readonly<Record<string, string | undefined>>): string
  /** Asks for a code in a browser that is signed in. */
  code(browser: Browser, changes?: Readonly<Record<string, string>>): Promise<string>
  /** Redeems a code. `at` is where it is sent: any browser will do, cookies do not count there. */
  redeem(at: Browser, code: string, changes?: Readonly<Record<string, string>>): Promise<Answer>
  refresh(at: Browser, token: string): Promise<Answer>
  userinfo(at: Browser, token: string): Promise<Answer>
}

/** Registers an application that people need not consent to. */
export async function newApp(
  org: TestOrg,
  input: Partial<ClientInput> = {},
): Promise<App & { readonly client: Client }> {
  const client = await org.client({
    grantTypes: ['authorization_code', 'refresh_token'],
    consent: 'trusted',
    ...input,
  })
  return { ...appOf(client, input.secrets?.[0]), client }
}

type Registered = { readonly id: string; readonly redirectUris: readonly string[] }

/** What an application does, wherever its client is registered. */
export function appOf(client: Registered, secret?: string): App {
  const base = '/oauth2/default/v1'
  const verifier = 'a-code-verifier-of-an-application-in-tests-0123456789'
  const redirectUri = client.redirectUris[0] ?? ''
  const credentials = { client_id: client.id, ...(secret !== undefined && { client_secret: secret }) }
  const app: App = {
    base,
    verifier,
    authorizePath(changes = {}) {
      const whole: Readonly<Record<string, string | undefined>> = {
        client_id: client.id,
        redirect_uri: redirectUri,
        response_type: 'code',
        scope: 'openid profile email offline_access',
        state: 'a state',
        nonce: 'a nonce',
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        ...changes,
      }
      const present = Object.entries(whole).flatMap(([name, value]): [string, string][] =>
        value === undefined ? [] : [[name, value]],
      )
      return `${base}/authorize?${new URLSearchParams(present)}`
    },
    async code(browser, changes = {}) {
      const { location = '', error } = await browser.request('GET', app.authorizePath(changes))
      const code = URL.parse(location)?.searchParams.get('code')
      if (!code) throw new Error(`No code, but ${error ?? location}`)
      return code
    },
    redeem: async (at, code, changes = {}) =>
      await at.post(`${base}/token`, {
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectUri,
        code_verifier: verifier,
        ...credentials,
        ...changes,
      }),
    refresh: async (at, token) =>
      await at.post(`${base}/token`, { grant_type: 'refresh_token', refresh_token: token, ...credentials }),
    userinfo: async (at, token) =>
      await at.request('GET', `${base}/userinfo`, { headers: { authorization: `Bearer ${token}` } }),
  }
  return app
}
