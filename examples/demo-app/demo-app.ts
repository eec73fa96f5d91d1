/**
 * A small web app that signs people in with OpenID Connect: `node:http`, `openid-client`, and nothing else.
 *
 * `sign-in.ts` is the part to take along; `browsers.ts` is what a session store would do; the rest is one page.
 */
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { AuthorizationResponseError } from 'openid-client'
import { rememberBrowsers } from './browsers.ts'
import type { Html } from './html.ts'
import { failurePage, signedInPage, welcomePage } from './pages.ts'
import { openSignIn } from './sign-in.ts'

export type DemoAppOptions = {
  /** Where people sign in: an authorization server's issuer. */
  issuer?: string
  clientId?: string
  port: number
  /** The app's own address, as browsers see it; `/callback` below it is the redirect URI. */
  url?: string
}

export type DemoApp = { url: string; close(): Promise<void> }

const cookieName = 'demo_app'
const style = readFileSync(new URL('style.css', import.meta.url), 'utf8')

/** Starts the app and answers once it listens. It looks for its issuer at the first sign-in, not before. */
export async function startDemoApp(options: DemoAppOptions): Promise<DemoApp> {
  const { port, issuer = 'http://localhost:8080/oauth2/default', clientId = 'demo' } = options
  const url = options.url ?? `http://localhost:${port}`
  const answer = createRoutes({ url, issuer, clientId })
  const server = createServer((request, response) => {
    answer(request, response).catch((failure: unknown) => {
      console.error('The demo app failed:', failure)
      if (!response.headersSent) send(response, 500, failurePage('The app has a fault of its own.', 'internal'), issuer)
    })
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, 'localhost', resolve))
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url, close }
}

function createRoutes({ url, issuer, clientId }: { url: string; issuer: string; clientId: string }) {
  const signIn = openSignIn({ issuer, clientId, callback: `${url}/callback`, signedOut: `${url}/` })
  const browsers = rememberBrowsers()
  const secure = url.startsWith('https:')

  async function home(request: IncomingMessage, response: ServerResponse) {
    const signedIn = browsers.find(readCookie(request))?.signedIn
    send(response, 200, signedIn ? signedInPage(signedIn) : welcomePage(issuer), issuer)
  }

  async function startSignIn(request: IncomingMessage, response: ServerResponse, address: URL) {
    try {
      const started = await signIn.start({ create: address.searchParams.has('create') })
      setCookie(response, browsers.startAttempt(readCookie(request), started.attempt), secure)
      redirect(response, started.address)
    } catch (failure) {
      send(response, 502, failurePage(`The server at ${issuer} does not answer as it should.`, codeOf(failure)), issuer)
    }
  }

  async function finishSignIn(request: IncomingMessage, response: ServerResponse, address: URL) {
    const id = readCookie(request)
    const state = address.searchParams.get('state') ?? ''
    const attempts = browsers.find(id)?.attempts
    const attempt = attempts?.get(state)
    // An answer to a question that this browser did not ask may be somebody else's sign-in, planted.
    if (!attempt)
      return send(response, 400, failurePage('This browser did not ask to sign in.', 'state_unknown'), issuer)
    attempts?.delete(state)
    try {
      setCookie(response, browsers.signIn(id, await signIn.finish(address, attempt)), secure)
      redirect(response, new URL('/', url))
    } catch (failure) {
      const refused = failure instanceof AuthorizationResponseError
      const message = refused ? 'You were not signed in.' : 'The answer could not be checked.'
      send(response, refused ? 403 : 400, failurePage(message, codeOf(failure)), issuer)
    }
  }

  async function signOut(request: IncomingMessage, response: ServerResponse) {
    const signedIn = browsers.take(readCookie(request))
    setCookie(response, '', secure)
    redirect(response, signedIn ? await signIn.endAddress(signedIn.idToken) : new URL('/', url))
  }

  const routes: Record<string, (request: IncomingMessage, response: ServerResponse, address: URL) => Promise<void>> = {
    'GET /': home,
    'GET /sign-in': startSignIn,
    'GET /callback': finishSignIn,
    'POST /sign-out': signOut,
    'GET /style.css': async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'no-cache' }).end(style)
    },
  }

  return async (request: IncomingMessage, response: ServerResponse) => {
    // The address is put together from our own setting: what the Host header says is not to be trusted.
    const address = new URL(`${url}${request.url?.startsWith('/') ? request.url : '/'}`)
    const route = routes[`${request.method} ${address.pathname}`]
    if (route) return await route(request, response, address)
    send(response, 404, failurePage('There is nothing at this address.', 'not_found'), issuer)
  }
}

function send(response: ServerResponse, status: number, page: Html, issuer: string) {
  // Browsers hold the redirect after "Sign out" to form-action too, so it names where that one goes.
  const policy = `default-src 'none'; style-src 'self'; form-action 'self' ${new URL(issuer).origin}; frame-ancestors 'none'; base-uri 'none'`
  response
    .writeHead(status, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
    .end(page.html)
}

function redirect(response: ServerResponse, to: URL) {
  response.writeHead(303, { location: to.href, 'cache-control': 'no-store' }).end()
}

function setCookie(response: ServerResponse, value: string, secure: boolean) {
  const parts = [`${cookieName}=${value}`, 'Path=/', 'HttpOnly', 'SameSite=Lax']
  if (secure) parts.push('Secure')
  if (value === '') parts.push('Max-Age=0')
  response.setHeader('set-cookie', parts.join('; '))
}

function readCookie(request: IncomingMessage): string | undefined {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim())
  return pairs.find((pair) => pair.startsWith(`${cookieName}=`))?.slice(cookieName.length + 1)
}

function codeOf(failure: unknown): string {
  if (failure instanceof AuthorizationResponseError) return failure.error
  if (typeof failure !== 'object' || failure === null) return 'unknown'
  const code: unknown = Reflect.get(failure, 'error') ?? Reflect.get(failure, 'code')
  return typeof code === 'string' ? code : 'unknown'
}
