import { beforeAll, describe, expect, test } from 'vitest'
import { inTransaction } from '../../../platform/database/index.ts'
import { databases } from '../../../platform/database/testing.ts'
import {
  type AuthorizationServer,
  defaultServerId,
  findAuthorizationServer,
  saveAuthorizationServer,
} from '../../../records/authorization-servers/index.ts'
import type { Client } from '../../../records/clients/index.ts'
import { listEvents } from '../../../records/events/index.ts'
import {
  addClient,
  encode,
  firstOrg,
  form,
  openTestHouse,
  type Parameters,
  postToken,
  reasonOf,
  type TestHouse,
} from '../testing.ts'

const secret = 'the secret of a service'
let house: TestHouse
let service: Client

beforeAll(async () => {
  const [sqlite] = databases
  if (!sqlite) throw new Error('no database')
  house = await openTestHouse(await sqlite.open())
  service = await addService()
  await changeServer({
    scopes: [
      { name: 'read:things', isDefault: true },
      { name: 'write:things' },
      { name: 'ask:people', consent: 'required' },
    ],
    claims: [
      { name: 'tenant', token: 'access', value: { kind: 'static', value: 'acme' } },
      { name: 'city', token: 'access', value: { kind: 'profile', attribute: 'city' } },
      { name: 'teams', token: 'access', value: { kind: 'groups', filter: { type: 'starts_with', value: '' } } },
    ],
  })
})

async function addService(metadata: object = {}): Promise<Client> {
  return await addClient(house, {
    application_type: 'service',
    redirect_uris: [],
    grant_types: ['client_credentials'],
    client_secret: secret,
    ...metadata,
  })
}

async function changeServer(changes: Partial<AuthorizationServer>): Promise<void> {
  const server = await findAuthorizationServer(house.db, firstOrg, defaultServerId)
  if (!server) throw new Error('no server')
  await inTransaction(house.db, (tx) => saveAuthorizationServer(tx, firstOrg, { ...server, ...changes }, house.now()))
}

const basic = (id: string) => ({ authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` })

const ask = (parameters: Parameters = {}, client = service) =>
  postToken(house, { grant_type: 'client_credentials', ...parameters }, basic(client.id))

const claimsIn = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())

describe('RFC 6749 §4.4 a client that acts for itself', () => {
  test('gets an access token and nothing else', async () => {
    const response = await ask({ scope: 'write:things read:things write:things' })
    expect(response.statusCode).toBe(200)
    expect(response.headers['cache-control']).toBe('no-store')
    expect(response.json()).toEqual({
      token_type: 'Bearer',
      expires_in: 3600,
      access_token: expect.any(String),
      scope: 'write:things read:things',
    })
  })

  test('is the subject of its token, which names no user', async () => {
    const claims = claimsIn((await ask({ scope: 'write:things' })).json().access_token)
    expect(claims).toEqual({
      ver: 1,
      jti: expect.stringMatching(/^AT\.[\w-]+$/),
      iss: `${house.url}/oauth2/default`,
      aud: 'api://default',
      iat: expect.any(Number),
      exp: claims.iat + 3600,
      cid: service.id,
      scp: ['write:things'],
      sub: service.id,
      tenant: 'acme',
    })
  })

  test('gets the default scopes where it names none', async () => {
    expect((await ask()).json().scope).toBe('read:things')
  })

  test('may look into its token and give it back', async () => {
    const { access_token: token } = (await ask()).json()
    const post = (endpoint: string) =>
      house.app.inject({
        method: 'POST',
        url: `/oauth2/default/v1/${endpoint}`,
        headers: { ...form, ...basic(service.id) },
        payload: encode({ token }),
      })
    const live = (await post('introspect')).json()
    expect(live).toMatchObject({ active: true, sub: service.id, client_id: service.id, scope: 'read:things' })
    expect(live).not.toHaveProperty('username')
    expect(live).not.toHaveProperty('uid')
    expect((await post('revoke')).statusCode).toBe(200)
    expect((await post('introspect')).json()).toEqual({ active: false })
  })

  test('learns of no user at userinfo', async () => {
    const headers = { authorization: `Bearer ${(await ask()).json().access_token}` }
    const response = await house.app.inject({ method: 'GET', url: '/oauth2/default/v1/userinfo', headers })
    expect([response.statusCode, reasonOf(response)]).toEqual([403, 'insufficient_scope'])
  })

  test('leaves an event without a user', async () => {
    await ask()
    const [event] = await listEvents(house.db, firstOrg, { limit: 1, newestFirst: true, types: ['token.issued'] })
    expect(event).toMatchObject({
      outcome: 'SUCCESS',
      userId: null,
      clientId: service.id,
      details: { grantType: 'client_credentials', scopes: ['read:things'] },
    })
  })
})

describe('Client credentials that are refused in Okta’s words', () => {
  test.each([
    [
      'scopes about a user',
      'openid read:things',
      'scope_openid_for_client',
      'invalid_scope',
      "Cannot request 'openid' scopes using client credentials.",
    ],
    [
      'a refresh token',
      'read:things offline_access',
      'scope_openid_for_client',
      'invalid_scope',
      "Cannot request 'openid' scopes using client credentials.",
    ],
    [
      'scopes that nobody configured',
      'read:things nothing',
      'scope_unknown',
      'invalid_scope',
      'One or more scopes are not configured for the authorization server resource.',
    ],
    [
      'scopes that people consent to',
      'ask:people',
      'scope_needs_consent',
      'consent_required',
      'The following scopes require user consent and cannot be granted for the client credentials grant type: [ask:people].',
    ],
    [
      'letters that no scope has',
      'a\\b',
      'scope_malformed',
      'invalid_scope',
      "The 'scope' parameter contains illegal characters.",
    ],
    ['no scope at all', ' ', 'scope_missing', 'invalid_scope', 'No scopes were requested.'],
  ])('%s', async (_title, scope, reason, error, description) => {
    const response = await ask({ scope })
    expect([response.statusCode, reasonOf(response)]).toEqual([400, reason])
    expect(response.json()).toEqual({ error, error_description: description })
  })

  test('scopes that the client may not have', async () => {
    const narrow = await addService({ scope: 'read:things' })
    const response = await ask({ scope: 'write:things' }, narrow)
    expect([response.statusCode, reasonOf(response), response.json().error]).toEqual([
      400,
      'scope_not_allowed',
      'invalid_scope',
    ])
  })

  test('a request without scopes where none is the default', async () => {
    await changeServer({ scopes: [{ name: 'read:things' }, { name: 'openid', isDefault: true }] })
    const response = await ask()
    expect([response.statusCode, reasonOf(response), response.json().error]).toEqual([
      400,
      'scope_default_missing',
      'invalid_scope',
    ])
  })

  test('a client without the grant type', async () => {
    const web = await addClient(house, { application_type: 'web', client_secret: secret })
    const response = await ask({ scope: 'read:things' }, web)
    expect([response.statusCode, reasonOf(response), response.json().error]).toEqual([
      400,
      'grant_type_not_allowed',
      'unauthorized_client',
    ])
  })

  test('a client that does not prove itself', async () => {
    const response = await postToken(house, { grant_type: 'client_credentials', client_id: service.id })
    expect([response.statusCode, reasonOf(response), response.json().error]).toEqual([
      401,
      'client_method_mismatch',
      'invalid_client',
    ])
  })
})

describe('At the org’s own server, whose tokens are for its management', () => {
  const base = '/oauth2/v1'

  test('a client with a secret is refused, however it asks', async () => {
    const response = await ask({ base, scope: 'okta.users.read' })
    expect([response.statusCode, reasonOf(response)]).toEqual([401, 'private_key_jwt_required'])
    expect(response.json()).toEqual({
      error: 'invalid_client',
      error_description:
        'Client Credentials requests to the Org Authorization Server must use the private_key_jwt token_endpoint_auth_method.',
    })
  })

  test('a client that is no service is refused', async () => {
    const web = await addClient(house, {
      application_type: 'web',
      client_secret: secret,
      grant_types: ['client_credentials'],
      redirect_uris: [],
    })
    const response = await ask({ base, scope: 'okta.users.read' }, web)
    expect([response.statusCode, reasonOf(response), response.json().error]).toEqual([
      401,
      'service_client_required',
      'invalid_client',
    ])
  })
})
