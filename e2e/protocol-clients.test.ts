import * as oauth from 'oauth4webapi'
import * as client from 'openid-client'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { becomeMember, button, freePort, openStage, press, startApp } from './support/index.ts'

const port = await freePort()
const app = `http://localhost:${port}`
const secret = 'a-secret-of-the-office-and-nobody-else'
const stage = openStage({
  origins: [app],
  blueprint: {
    orgs: [
      {
        id: 'default',
        name: 'Latchkey',
        clients: [
          {
            client_id: 'office',
            client_name: 'Office',
            client_secret: secret,
            token_endpoint_auth_method: 'client_secret_basic',
            grant_types: ['authorization_code', 'refresh_token'],
            redirect_uris: [`${app}/callback`],
            post_logout_redirect_uris: [`${app}/`],
          },
        ],
      },
    ],
  },
})

const issuers = [
  ['the org server', ''],
  ['a custom server', '/oauth2/default'],
] as const

/** Signs somebody in at an app that sends them here. */
async function signIn(start: string, email: string): Promise<Page> {
  const ada = await becomeMember(stage, email)
  await ada.page.goto(start)
  await press(ada, ada.authenticator, button(ada.page, 'Continue with a passkey'), 'confirm')
  return ada.page
}

describe('openid-client, unmodified', () => {
  test.each(issuers)('signs in, asks for claims, refreshes and signs out at %s', async (_, path) => {
    const issuer = `${stage.server.url}${path}`
    const office = await startApp({ issuer, clientId: 'office', clientSecret: secret, port })
    const { config } = office
    expect(config.serverMetadata().issuer).toBe(issuer)
    const email = `openid-client${path.length}@example.com`
    const page = await signIn(`${office.url}/sign-in?scope=${encodeURIComponent('openid email offline_access')}`, email)
    await page.getByRole('heading', { name: `Signed in: ${email}` }).waitFor()

    const [answer] = office.answers
    if (!answer?.ok) throw new Error(answer?.error)
    const { tokens } = answer
    const claims = tokens.claims()
    const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims?.sub ?? '')
    expect(userinfo).toMatchObject({ sub: claims?.sub, email })

    const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token ?? '')
    expect(refreshed.claims()?.sub).toBe(claims?.sub)
    expect(refreshed.access_token).not.toBe(tokens.access_token)

    const end = client.buildEndSessionUrl(config, {
      id_token_hint: refreshed.id_token ?? '',
      post_logout_redirect_uri: `${office.url}/`,
    })
    await page.goto(end.href)
    expect(page.url()).toBe(`${office.url}/`)
    await page.goto(`${office.url}/sign-in?prompt=none`)
    await page.getByRole('heading', { name: 'Not signed in: login_required' }).waitFor()
    expect(stage.server.audit().findLast(({ type }) => type === 'logout.finished')?.clientId).toBe('office')
  })

  test('is told that its secret is wrong, and the audit knows whose it was', async () => {
    const issuer = `${stage.server.url}/oauth2/default`
    const config = await client.discovery(new URL(issuer), 'office', {}, client.ClientSecretBasic('not-the-secret'), {
      execute: [client.allowInsecureRequests],
    })
    await expect(client.refreshTokenGrant(config, 'nothing')).rejects.toMatchObject({
      code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE',
      status: 401,
    })
    expect(stage.server.audit().findLast(({ type }) => type === 'client-authentication.refused')).toMatchObject({
      outcome: 'FAILURE',
      clientId: 'office',
    })
  })
})

describe('oauth4webapi, unmodified', () => {
  test.each(issuers)('signs in, asks for claims and refreshes at %s', async (_, path) => {
    const insecure = { [oauth.allowInsecureRequests]: true }
    const issuer = new URL(`${stage.server.url}${path}`)
    const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure))
    const office: oauth.Client = { client_id: 'office' }
    const authentication = oauth.ClientSecretBasic(secret)
    const [verifier, state, nonce] = [
      oauth.generateRandomCodeVerifier(),
      oauth.generateRandomState(),
      oauth.generateRandomNonce(),
    ]
    const redirectUri = `${app}/callback`
    const start = new URL(as.authorization_endpoint ?? '')
    start.search = new URLSearchParams({
      client_id: 'office',
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'openid email offline_access',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    }).toString()

    // Only a place to come back to: what it makes of an answer that it did not ask for is another test's.
    await startApp({ issuer: issuer.href, clientId: 'office', clientSecret: secret, port })
    const email = `oauth4webapi${path.length}@example.com`
    const ada = await becomeMember(stage, email)
    const { page, authenticator } = ada
    await page.goto(start.href)
    await press(ada, authenticator, button(page, 'Continue with a passkey'), 'confirm')
    await page.waitForURL(`${redirectUri}**`)

    const parameters = oauth.validateAuthResponse(as, office, new URL(page.url()), state)
    const answered = await oauth.authorizationCodeGrantRequest(
      as,
      office,
      authentication,
      parameters,
      redirectUri,
      verifier,
      insecure,
    )
    const tokens = await oauth.processAuthorizationCodeResponse(as, office, answered, {
      expectedNonce: nonce,
      requireIdToken: true,
    })
    await oauth.validateApplicationLevelSignature(as, answered, insecure)
    const claims = oauth.getValidatedIdTokenClaims(tokens)
    expect(claims?.iss).toBe(issuer.href.replace(/\/$/, ''))

    const asked = await oauth.userInfoRequest(as, office, tokens.access_token, insecure)
    const userinfo = await oauth.processUserInfoResponse(as, office, claims?.sub ?? '', asked)
    expect(userinfo.email).toBe(email)

    const renewed = await oauth.refreshTokenGrantRequest(
      as,
      office,
      authentication,
      tokens.refresh_token ?? '',
      insecure,
    )
    const fresh = await oauth.processRefreshTokenResponse(as, office, renewed)
    expect(fresh.access_token).not.toBe(tokens.access_token)

    const again = await oauth.authorizationCodeGrantRequest(
      as,
      office,
      authentication,
      parameters,
      redirectUri,
      verifier,
      insecure,
    )
    await expect(oauth.processAuthorizationCodeResponse(as, office, again)).rejects.toMatchObject({
      error: 'invalid_grant',
    })
    const late = await oauth.userInfoRequest(as, office, fresh.access_token, insecure)
    expect(late.status, 'a reused code takes back what it gave').toBe(401)
  })
})
