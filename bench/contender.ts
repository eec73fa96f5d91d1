import type { Child } from './child.ts'
import { type Answer, type Browser, jsonOf, locationOf, type Site, textOf } from './http.ts'

/** A server that signs people in for a public client with PKCE. Both that are compared look like this from outside. */
export type Contender = {
  readonly name: string
  readonly child: Child
  readonly site: Site
  readonly paths: { readonly authorize: string; readonly token: string }
  /** A browser with a session of its own. */
  signIn(): Promise<Browser>
  close(): Promise<void>
}

export const clientId = 'benchmark'
/** Asks for `offline_access` as well. A client of its own, because oidc-provider gives refresh tokens by client. */
export const offlineClientId = 'benchmark-offline'
export const callback = 'https://app.example/callback'

/** The pair of RFC 7636, Appendix B. */
const pkce = {
  verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
  challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
}

export type Wish = { isOffline?: boolean }

const clientOf = ({ isOffline = false }: Wish) => (isOffline ? offlineClientId : clientId)

const form = { 'content-type': 'application/x-www-form-urlencoded' }

export function authorizeUrl({ paths }: Pick<Contender, 'paths'>, wish: Wish = {}): string {
  const query = new URLSearchParams({
    client_id: clientOf(wish),
    redirect_uri: callback,
    response_type: 'code',
    scope: wish.isOffline ? 'openid offline_access' : 'openid',
    state: 'a-state-of-usual-length-22',
    nonce: 'a-nonce-of-usual-length-22',
    code_challenge: pkce.challenge,
    code_challenge_method: 'S256',
  })
  return `${paths.authorize}?${query}`
}

export function tokenForm(code: string, wish: Wish = {}): string {
  const asked = { grant_type: 'authorization_code', code, client_id: clientOf(wish), redirect_uri: callback }
  return new URLSearchParams({ ...asked, code_verifier: pkce.verifier }).toString()
}

/** Asks for a code with a living session. */
export async function getCode(contender: Contender, browser: Browser, wish?: Wish): Promise<string> {
  return codeOf(await browser.send(authorizeUrl(contender, wish)))
}

/** The code in the redirect to the client. */
export function codeOf(answer: Answer): string {
  const { searchParams, host } = locationOf(answer)
  const code = searchParams.get('code')
  if (code !== null) return code
  throw new Error(`no code in the redirect to ${host}: ${searchParams}`)
}

/** What the client gets for a code; refuses anything but an ID token and a JWT access token. */
export async function redeem({ site, paths }: Pick<Contender, 'site' | 'paths'>, code: string, wish?: Wish) {
  const tokens = jsonOf(await site.send(paths.token, { method: 'POST', headers: form, body: tokenForm(code, wish) }))
  for (const name of ['id_token', 'access_token'])
    if (textOf(tokens, name).split('.').length !== 3) throw new Error(`${name} is not a JWT`)
  return tokens
}

export async function refresh({ site, paths }: Contender, token: string): Promise<void> {
  const asked = { grant_type: 'refresh_token', refresh_token: token, client_id: offlineClientId }
  const body = new URLSearchParams(asked).toString()
  textOf(jsonOf(await site.send(paths.token, { method: 'POST', headers: form, body })), 'access_token')
}
