import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import * as client from 'openid-client'
import { onTestFinished } from 'vitest'

export type AppOptions = { issuer: string; clientId: string; clientSecret?: string; port: number }

/** What came back from the last sign-in. */
export type Answer =
  | { ok: true; tokens: client.TokenEndpointResponse & client.TokenEndpointResponseHelpers }
  | { ok: false; error: string }

export type App = Awaited<ReturnType<typeof startApp>>

/**
 * An app of somebody else's: `openid-client`, a sign-in address that hands on any parameter (`/sign-in?prompt=none`),
 * and a page that says who signed in. It ends with the test.
 */
export async function startApp({ issuer, clientId, clientSecret, port }: AppOptions) {
  const url = `http://localhost:${port}`
  const authentication = clientSecret === undefined ? client.None() : client.ClientSecretBasic(clientSecret)
  const config = await client.discovery(new URL(issuer), clientId, {}, authentication, {
    execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks],
  })
  const answers: Answer[] = []
  const open = new Map<string, { nonce: string; verifier: string }>()

  async function start(address: URL): Promise<URL> {
    const [state, nonce, verifier] = [client.randomState(), client.randomNonce(), client.randomPKCECodeVerifier()]
    open.set(state, { nonce, verifier })
    return client.buildAuthorizationUrl(config, {
      redirect_uri: `${url}/callback`,
      scope: 'openid profile email',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...Object.fromEntries(address.searchParams),
      state,
      nonce,
    })
  }

  async function finish(address: URL): Promise<Answer> {
    const state = address.searchParams.get('state') ?? ''
    const attempt = open.get(state)
    if (!attempt) return { ok: false, error: 'state_unknown' }
    open.delete(state)
    try {
      const checks = { expectedState: state, expectedNonce: attempt.nonce, pkceCodeVerifier: attempt.verifier }
      return { ok: true, tokens: await client.authorizationCodeGrant(config, address, checks) }
    } catch (failure) {
      if (failure instanceof client.AuthorizationResponseError) return { ok: false, error: failure.error }
      throw failure
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = new URL(request.url ?? '/', url)
    if (address.pathname === '/sign-in') return redirect(response, await start(address))
    if (address.pathname !== '/callback') return say(response, 'Nobody is signed in')
    const result = await finish(address)
    answers.push(result)
    say(response, result.ok ? `Signed in: ${result.tokens.claims()?.email}` : `Not signed in: ${result.error}`)
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((failure: unknown) => say(response, `Failed: ${failure}`))
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, 'localhost', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return { url, config, answers, start }
}

function redirect(response: ServerResponse, to: URL): void {
  response.writeHead(303, { location: to.href }).end()
}

function say(response: ServerResponse, text: string): void {
  const icon = '<link rel="icon" href="data:,">'
  response
    .writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
    .end(`<!doctype html><html lang="en"><title>App</title>${icon}<h1>${text.replaceAll('<', '&lt;')}</h1></html>`)
}
