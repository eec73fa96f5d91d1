/**
 * The straight path as unmodified libraries walk it, over a real connection. They check what we may not notice: issuer,
 * audience, nonce, `at_hash`, `auth_time`, algorithm, signature by the published keys, content types.
 */
import * as jose from 'jose'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inTransaction } from '../../platform/database/index.ts'
import { databases } from '../../platform/database/testing.ts'
import { insertApiToken } from '../../records/api-tokens/index.ts'
import {
  defaultServerId,
  findAuthorizationServer,
  saveAuthorizationServer,
} from '../../records/authorization-servers/index.ts'
import type { Client } from '../../records/clients/index.ts'
import type { User } from '../../records/users/index.ts'
import {
  addClient,
  addUser,
  authorizeQuery,
  type Browser,
  firstOrg,
  openTestHouse,
  signIn,
  type TestHouse,
} from './testing.ts'

const redirectUri = 'https://app.example/callback'
const afterLogout = 'https://app.example/signed-out'
const secret = 'a secret: with/odd+characters%'

let house: TestHouse
let user: User
let browser: Browser
let spa: Client
let web: Client

beforeAll(async () => {
  const [sqlite] = databases
  if (!sqlite) throw new Error('no database')
  house = await openTestHouse(await sqlite.open())
  await house.listen()
  user = await addUser(house)
  browser = await signIn(house, user)
  spa = await addClient(house, { post_logout_redirect_uris: [afterLogout] })
  web = await addClient(house, { application_type: 'web', client_secret: secret })
})
afterAll(() => house.app.close())

/** Follows one address as the signed-in browser does, and tells where it leads. */
async function follow(address: URL): Promise<URL> {
  const response = await fetch(address, { redirect: 'manual', headers: { cookie: browser.cookie } })
  return new URL(String(response.headers.get('location')), house.url)
}

const issuers = [
  ['the org', ''],
  ['the custom server', '/oauth2/default'],
] as const

describe.each(issuers)('openid-client at %s', (_, path) => {
  const discover = async (client: Client, authentication: openid.ClientAuth) => {
    const options = { execute: [openid.allowInsecureRequests] }
    return await openid.discovery(new URL(`${house.url}${path}`), client.id, undefined, authentication, options)
  }

  async function signInWith(config: openid.Configuration, more: Record<string, string> = {}) {
    const pkceCodeVerifier = openid.randomPKCECodeVerifier()
    const expectedState = openid.randomState()
    const expectedNonce = openid.randomNonce()
    const address = openid.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: 'openid profile email offline_access',
      code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: expectedState,
      nonce: expectedNonce,
      ...more,
    })
    const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true }
    const maxAge = more.max_age === undefined ? {} : { maxAge: Number(more.max_age) }
    return await openid.authorizationCodeGrant(config, await follow(address), { ...checks, ...maxAge })
  }

  test.each([
    ['a public client', () => spa, () => openid.None()],
    ['a secret in the header', () => web, () => openid.ClientSecretBasic(secret)],
    ['a secret in the form', () => web, () => openid.ClientSecretPost(secret)],
  ] as const)('signs in, asks about the user and refreshes: %s', async (_title, client, authentication) => {
    const config = await discover(client(), authentication())
    const tokens = await signInWith(config, { max_age: '3600' })
    const claims = tokens.claims()
    expect(claims).toMatchObject({ sub: user.id, name: 'Ada Byron', email: user.profile.email, email_verified: true })
    const info = await openid.fetchUserInfo(config, tokens.access_token, user.id)
    expect(info).toMatchObject({ sub: user.id, name: 'Ada Byron' })
    const refreshed = await openid.refreshTokenGrant(config, String(tokens.refresh_token))
    expect(refreshed.claims()?.sub).toBe(user.id)
    expect(refreshed.access_token).not.toBe(tokens.access_token)
    expect(refreshed.refresh_token === tokens.refresh_token).toBe(client() === web)
  })

  test.each([
    ['a public client', () => spa, () => openid.None()],
    ['a confidential one', () => web, () => openid.ClientSecretBasic(secret)],
  ] as const)('looks into its tokens and gives them back: %s', async (_title, client, authentication) => {
    const config = await discover(client(), authentication())
    const tokens = await signInWith(config)
    const live = await openid.tokenIntrospection(config, tokens.access_token)
    expect(live).toMatchObject({ active: true, client_id: client().id, username: user.login, uid: user.id })
    await openid.tokenRevocation(config, String(tokens.refresh_token))
    expect(await openid.tokenIntrospection(config, tokens.access_token)).toEqual({ active: false })
  })

  test('pushes its request, and signs it', async () => {
    const { publicKey, privateKey } = await jose.generateKeyPair('ES256', { extractable: true })
    const jwks = { keys: [{ ...(await jose.exportJWK(publicKey)), kid: 'one' }] }
    const client = await addClient(house, { jwks })
    const config = await discover(client, openid.None())
    const pkceCodeVerifier = openid.randomPKCECodeVerifier()
    const asked = {
      redirect_uri: redirectUri,
      scope: 'openid',
      code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
    }
    const signed = await openid.buildAuthorizationUrlWithJAR(config, asked, { key: privateKey, kid: 'one' })
    const addresses = [
      await openid.buildAuthorizationUrlWithPAR(config, asked),
      signed,
      await openid.buildAuthorizationUrlWithPAR(
        config,
        (await openid.buildAuthorizationUrlWithJAR(config, asked, { key: privateKey, kid: 'one' })).searchParams,
      ),
    ]
    for (const address of addresses) {
      const tokens = await openid.authorizationCodeGrant(config, await follow(address), { pkceCodeVerifier })
      expect(tokens.claims()?.sub).toBe(user.id)
    }
    const refused = openid.buildAuthorizationUrlWithPAR(config, { ...asked, scope: 'nothing' })
    await expect(refused).rejects.toMatchObject({ error: 'invalid_scope' })
  })

  test('binds its tokens to a key', async () => {
    const config = await discover(spa, openid.None())
    const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair())
    const pkceCodeVerifier = openid.randomPKCECodeVerifier()
    const asked = {
      redirect_uri: redirectUri,
      scope: 'openid offline_access',
      code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
    }
    const address = await openid.buildAuthorizationUrlWithPAR(config, asked, { DPoP })
    const answer = await follow(address)
    const tokens = await openid.authorizationCodeGrant(config, answer, { pkceCodeVerifier }, undefined, { DPoP })
    expect(tokens.token_type).toBe('dpop')
    const info = await openid.fetchUserInfo(config, tokens.access_token, user.id, { DPoP })
    expect(info.sub).toBe(user.id)
    const refreshed = await openid.refreshTokenGrant(config, String(tokens.refresh_token), undefined, { DPoP })
    expect(refreshed.token_type).toBe('dpop')
    const stolen = openid.refreshTokenGrant(config, String(refreshed.refresh_token))
    await expect(stolen).rejects.toMatchObject({ error: 'invalid_dpop_proof' })
  })

  test('is told what was refused, at its redirect URI and at the token endpoint', async () => {
    const config = await discover(spa, openid.None())
    await expect(signInWith(config, { scope: 'openid nothing' })).rejects.toMatchObject({ error: 'invalid_scope' })
    await expect(openid.refreshTokenGrant(config, 'nothing')).rejects.toMatchObject({
      error: 'invalid_grant',
      error_description: 'The refresh token is invalid or expired.',
    })
    const inForm = await discover(web, openid.ClientSecretPost('wrong'))
    await expect(signInWith(inForm)).rejects.toMatchObject({ error: 'invalid_client' })
    const inHeader = await discover(web, openid.ClientSecretBasic('wrong'))
    await expect(signInWith(inHeader)).rejects.toMatchObject({ status: 401, cause: [{ scheme: 'basic' }] })
  })

  test('is told by userinfo that its token does not hold', async () => {
    const config = await discover(spa, openid.None())
    await expect(openid.fetchUserInfo(config, 'nonsense', user.id)).rejects.toMatchObject({
      cause: [{ scheme: 'bearer', parameters: { error: 'invalid_token' } }],
    })
  })
})

describe.each(issuers)('oauth4webapi at %s', (_, path) => {
  const insecure = { [oauth.allowInsecureRequests]: true }
  const discover = async (algorithm: 'oidc' | 'oauth2') => {
    const issuer = new URL(`${house.url}${path}`)
    const response = await oauth.discoveryRequest(issuer, { algorithm, ...insecure })
    return await oauth.processDiscoveryResponse(issuer, response)
  }

  test('finds the metadata of both kinds', async () => {
    const [oidc, oauth2] = [await discover('oidc'), await discover('oauth2')]
    expect(oidc.token_endpoint).toBe(oauth2.token_endpoint)
    expect(oidc.authorization_response_iss_parameter_supported).toBe(true)
  })

  test('signs in step by step and verifies the signature', async () => {
    const server = await discover('oidc')
    const client: oauth.Client = { client_id: spa.id }
    const verifier = oauth.generateRandomCodeVerifier()
    const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()]
    const address = new URL(String(server.authorization_endpoint))
    const query = {
      client_id: spa.id,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'openid email',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    }
    for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value)
    const answer = oauth.validateAuthResponse(server, client, await follow(address), state)
    const authentication = oauth.None()
    const asked = [server, client, authentication, answer, redirectUri, verifier] as const
    const response = await oauth.authorizationCodeGrantRequest(...asked, insecure)
    const processing = { expectedNonce: nonce, requireIdToken: true }
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, processing)
    await oauth.validateApplicationLevelSignature(server, response, insecure)
    expect(oauth.getValidatedIdTokenClaims(tokens)).toMatchObject({ sub: user.id, email: user.profile.email })
    const { access_token: token } = tokens
    const look = await oauth.introspectionRequest(server, client, authentication, token, insecure)
    const introspected = await oauth.processIntrospectionResponse(server, client, look)
    expect(introspected).toMatchObject({ active: true, scope: 'openid email', sub: user.login })
    const given = await oauth.revocationRequest(server, client, authentication, token, insecure)
    expect(await oauth.processRevocationResponse(given)).toBeUndefined()
    const replay = await oauth.authorizationCodeGrantRequest(...asked, insecure)
    await expect(oauth.processAuthorizationCodeResponse(server, client, replay)).rejects.toMatchObject({
      error: 'invalid_grant',
    })
  })
})

describe('A client that acts for itself', () => {
  test('gets tokens by openid-client and by oauth4webapi', async () => {
    const service = await addClient(house, {
      application_type: 'service',
      client_secret: secret,
      grant_types: ['client_credentials'],
      redirect_uris: [],
    })
    const server = await findAuthorizationServer(house.db, firstOrg, defaultServerId)
    if (!server) throw new Error('no server')
    const scopes = [...server.scopes, { name: 'things' }]
    await inTransaction(house.db, (tx) => saveAuthorizationServer(tx, firstOrg, { ...server, scopes }, house.now()))
    const issuer = new URL(`${house.url}/oauth2/default`)
    const options = { execute: [openid.allowInsecureRequests] }
    const config = await openid.discovery(issuer, service.id, secret, undefined, options)
    const tokens = await openid.clientCredentialsGrant(config, { scope: 'things' })
    expect(tokens).toMatchObject({ token_type: 'bearer', scope: 'things', expires_in: 3600 })
    await expect(openid.clientCredentialsGrant(config, { scope: 'openid' })).rejects.toMatchObject({
      error: 'invalid_scope',
    })

    const insecure = { [oauth.allowInsecureRequests]: true }
    const metadata = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure))
    const client: oauth.Client = { client_id: service.id }
    const authentication = oauth.ClientSecretBasic(secret)
    const asked = new URLSearchParams({ scope: 'things' })
    const response = await oauth.clientCredentialsGrantRequest(metadata, client, authentication, asked, insecure)
    const answer = await oauth.processClientCredentialsResponse(metadata, client, response)
    expect(answer.scope).toBe('things')
  })

  test('proves itself by a key or by a secret that stays at home', async () => {
    const { publicKey, privateKey } = await jose.generateKeyPair('ES256', { extractable: true })
    const shared = 'a secret of more than thirty-two bytes, as HS256 wants'
    const service = { application_type: 'service', grant_types: ['client_credentials'], redirect_uris: [] }
    const signer = await addClient(house, {
      ...service,
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [{ ...(await jose.exportJWK(publicKey)), kid: 'one' }] },
    })
    const sharer = await addClient(house, {
      ...service,
      token_endpoint_auth_method: 'client_secret_jwt',
      client_secret: shared,
    })
    const options = { execute: [openid.allowInsecureRequests] }
    const byKey = { key: privateKey, kid: 'one' }
    for (const [client, proof] of [
      [signer, openid.PrivateKeyJwt(byKey)],
      [sharer, openid.ClientSecretJwt(shared)],
    ] as const) {
      const issuer = new URL(`${house.url}/oauth2/default`)
      const config = await openid.discovery(issuer, client.id, undefined, proof, options)
      const { access_token: token } = await openid.clientCredentialsGrant(config, { scope: 'things' })
      expect(await openid.tokenIntrospection(config, token)).toMatchObject({ active: true, sub: client.id })
    }

    const org = await openid.discovery(new URL(house.url), signer.id, undefined, openid.PrivateKeyJwt(byKey), options)
    for (const scope of ['okta.users.read', 'openid', 'things'])
      await expect(openid.clientCredentialsGrant(org, { scope })).rejects.toMatchObject({ error: 'invalid_scope' })

    const insecure = { [oauth.allowInsecureRequests]: true }
    const issuer = new URL(`${house.url}/oauth2/default`)
    const metadata = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure))
    const client: oauth.Client = { client_id: signer.id }
    const proof = oauth.PrivateKeyJwt(byKey)
    const asked = new URLSearchParams({ scope: 'things' })
    const response = await oauth.clientCredentialsGrantRequest(metadata, client, proof, asked, insecure)
    expect((await oauth.processClientCredentialsResponse(metadata, client, response)).scope).toBe('things')
  })
})

test('A client registers itself by openid-client, and is known from then on', async () => {
  const initialAccessToken = 'an-initial-access-token-that-is-long-enough'
  await inTransaction(house.db, (tx) =>
    insertApiToken(tx, firstOrg, { name: 'registrar', value: initialAccessToken }, house.now()),
  )
  const metadata = { redirect_uris: [redirectUri], client_name: 'Dynamic' }
  const options = { execute: [openid.allowInsecureRequests], initialAccessToken }
  const issuer = new URL(`${house.url}/oauth2/default`)
  const config = await openid.dynamicClientRegistration(issuer, metadata, undefined, options)
  expect(config.clientMetadata().client_secret).toMatch(/^[\w-]{43}$/)
  await expect(openid.refreshTokenGrant(config, 'nothing')).rejects.toMatchObject({ error: 'unauthorized_client' })
  const refused = { ...metadata, redirect_uris: ['https://app.example/#fragment'] }
  await expect(openid.dynamicClientRegistration(issuer, refused, undefined, options)).rejects.toMatchObject({
    error: 'invalid_redirect_uri',
  })
})

test('One session signs in to two clients at two issuers, and signs out of both', async () => {
  const options = { execute: [openid.allowInsecureRequests] }
  const authentication = openid.None()
  const sids: unknown[] = []
  let logout: URL | undefined
  for (const [, path] of issuers) {
    const config = await openid.discovery(new URL(`${house.url}${path}`), spa.id, undefined, authentication, options)
    const pkceCodeVerifier = openid.randomPKCECodeVerifier()
    const address = openid.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: 'openid',
      prompt: 'none',
      code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
    })
    const tokens = await openid.authorizationCodeGrant(config, await follow(address), { pkceCodeVerifier })
    sids.push(tokens.claims()?.sid)
    const hint = { id_token_hint: String(tokens.id_token), post_logout_redirect_uri: afterLogout, state: 'bye' }
    logout = openid.buildEndSessionUrl(config, hint)
  }
  expect(sids).toEqual([browser.session.id, browser.session.id])
  if (!logout) throw new Error('no logout address')
  expect((await follow(logout)).href).toBe(`${afterLogout}?state=bye`)
  const silent = `${house.url}/oauth2/v1/authorize?${authorizeQuery(spa, { prompt: 'none' })}`
  expect((await follow(new URL(silent))).searchParams.get('error')).toBe('login_required')
})
