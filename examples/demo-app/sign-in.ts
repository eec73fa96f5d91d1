import * as client from 'openid-client'

export type Claims = Readonly<Record<string, unknown>>

/** What has to come back unchanged for a sign-in to count. */
export type Attempt = { state: string; nonce: string; verifier: string }

export type Tokens = { idToken: string; idClaims: Claims; accessClaims: Claims }

export type SignInOptions = { issuer: string; clientId: string; callback: string; signedOut: string }

/** The three things an app does with OpenID Connect: send people there, take them back, sign them out. */
export function openSignIn({ issuer, clientId, callback, signedOut }: SignInOptions) {
  let found: Promise<client.Configuration> | undefined

  /** Reads the discovery document once; a failure is not remembered, since the server may only be starting. */
  async function configuration(): Promise<client.Configuration> {
    found ??= discover(issuer, clientId)
    try {
      return await found
    } catch (failure) {
      found = undefined
      throw failure
    }
  }

  return {
    async start({ create }: { create: boolean }): Promise<{ attempt: Attempt; address: URL }> {
      const config = await configuration()
      const attempt = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
      }
      const address = client.buildAuthorizationUrl(config, {
        redirect_uri: callback,
        scope: 'openid profile email',
        state: attempt.state,
        nonce: attempt.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(attempt.verifier),
        code_challenge_method: 'S256',
        ...(create ? { prompt: 'create' } : {}),
      })
      return { attempt, address }
    },

    /** Changes the code for tokens. @throws when the answer is not the one to this attempt */
    async finish(answer: URL, attempt: Attempt): Promise<Tokens> {
      const tokens = await client.authorizationCodeGrant(await configuration(), answer, {
        expectedState: attempt.state,
        expectedNonce: attempt.nonce,
        pkceCodeVerifier: attempt.verifier,
      })
      return {
        idToken: tokens.id_token ?? '',
        idClaims: { ...tokens.claims() },
        accessClaims: decodeClaims(tokens.access_token),
      }
    },

    async endAddress(idToken: string): Promise<URL> {
      return client.buildEndSessionUrl(await configuration(), {
        id_token_hint: idToken,
        post_logout_redirect_uri: signedOut,
      })
    },
  }
}

async function discover(issuer: string, clientId: string): Promise<client.Configuration> {
  const server = new URL(issuer)
  const isLocal = server.hostname === 'localhost' || server.hostname === '127.0.0.1'
  // Over https the tokens come from the server itself; their signatures are checked all the same, as an API would.
  const extras = [client.enableNonRepudiationChecks]
  // Plain http is for trying it on one machine, never for a network.
  if (server.protocol === 'http:' && isLocal) extras.push(client.allowInsecureRequests)
  return await client.discovery(server, clientId, {}, client.None(), { execute: extras })
}

/** Reads a JWT's claims for showing them; whoever acts on them has to verify it. */
function decodeClaims(token: string): Claims {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    return typeof claims === 'object' && claims !== null ? { ...claims } : { token: 'opaque' }
  } catch {
    return { token: 'opaque' }
  }
}
