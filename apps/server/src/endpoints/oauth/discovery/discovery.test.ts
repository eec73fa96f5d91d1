import { beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../platform/database/testing.ts'
import { openTestHouse, reasonOf, secondHost, type TestHouse } from '../testing.ts'

let house: TestHouse

beforeAll(async () => {
  const [sqlite] = databases
  if (!sqlite) throw new Error('no database')
  house = await openTestHouse(await sqlite.open())
})

const get = async (url: string, host = 'localhost') => await house.app.inject({ method: 'GET', url, headers: { host } })
const scopes = ['openid', 'profile', 'email', 'address', 'phone', 'offline_access', 'groups']

const authenticationMethods = [
  'none',
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
]
const hasRs256AndNotNone = expect.toSatisfy(
  (names: string[]) => names.includes('RS256') && names.includes('HS256') && !names.includes('none'),
)

describe('OpenID Connect Discovery §4 the document of an issuer', () => {
  test('of the org says what is there, and nothing that is not', async () => {
    const { url } = house
    const document = (await get('/.well-known/openid-configuration')).json()
    expect(document).toEqual({
      issuer: url,
      authorization_endpoint: `${url}/oauth2/v1/authorize`,
      token_endpoint: `${url}/oauth2/v1/token`,
      userinfo_endpoint: `${url}/oauth2/v1/userinfo`,
      registration_endpoint: `${url}/oauth2/v1/clients`,
      jwks_uri: `${url}/oauth2/v1/keys`,
      end_session_endpoint: `${url}/oauth2/v1/logout`,
      dpop_signing_alg_values_supported: expect.arrayContaining(['ES256', 'RS256', 'EdDSA']),
      introspection_endpoint: `${url}/oauth2/v1/introspect`,
      introspection_endpoint_auth_methods_supported: authenticationMethods,
      introspection_endpoint_auth_signing_alg_values_supported: hasRs256AndNotNone,
      revocation_endpoint: `${url}/oauth2/v1/revoke`,
      revocation_endpoint_auth_methods_supported: authenticationMethods,
      revocation_endpoint_auth_signing_alg_values_supported: hasRs256AndNotNone,
      response_types_supported: ['code'],
      response_modes_supported: ['query', 'fragment', 'form_post'],
      grant_types_supported: ['authorization_code', 'refresh_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      scopes_supported: scopes,
      token_endpoint_auth_methods_supported: authenticationMethods,
      token_endpoint_auth_signing_alg_values_supported: hasRs256AndNotNone,
      claims_supported: expect.arrayContaining(['sub', 'name', 'email', 'email_verified', 'at_hash', 'auth_time']),
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      acr_values_supported: expect.arrayContaining(['phr', 'phrh', 'urn:okta:loa:2fa:any']),
      claims_parameter_supported: true,
      ui_locales_supported: ['en'],
      pushed_authorization_request_endpoint: `${url}/oauth2/v1/par`,
      require_pushed_authorization_requests: false,
      request_parameter_supported: true,
      request_object_signing_alg_values_supported: hasRs256AndNotNone,
      request_uri_parameter_supported: false,
      prompt_values_supported: ['none', 'login', 'consent', 'create'],
    })
  })

  test('of a custom authorization server is below its issuer', async () => {
    const document = (await get('/oauth2/default/.well-known/openid-configuration')).json()
    expect(document.issuer).toBe(`${house.url}/oauth2/default`)
    expect(document.grant_types_supported).toEqual(['authorization_code', 'refresh_token', 'client_credentials'])
    const { registration_endpoint: registration, ...own } = document
    expect(registration).toBe(`${house.url}/oauth2/v1/clients`)
    for (const [name, value] of Object.entries(own))
      if (name.endsWith('_endpoint')) expect(value).toMatch(new RegExp(`^${house.url}/oauth2/default/v1/[a-z]+$`))
    expect(document.jwks_uri).toBe(`${house.url}/oauth2/default/v1/keys`)
  })

  test('names endpoints that answer', async () => {
    const document = (await get('/.well-known/openid-configuration')).json()
    const named = Object.entries(document).filter(([name]) => /_endpoint$|^jwks_uri$/.test(name))
    expect(named.length).toBeGreaterThan(5)
    for (const [, endpoint] of named) expect((await get(new URL(String(endpoint)).pathname)).statusCode).not.toBe(404)
  })

  test('is made of the org’s own address, whatever the Host header says', async () => {
    const document = (await get('/.well-known/openid-configuration', secondHost)).json()
    expect(document.issuer).toBe(`http://${secondHost}:8080`)
    const foreign = await get('/.well-known/openid-configuration', 'evil.example')
    expect([foreign.statusCode, reasonOf(foreign)]).toEqual([421, 'unknown_host'])
  })

  test('may be read by every page', async () => {
    const response = await get('/.well-known/openid-configuration')
    expect(response.headers['access-control-allow-origin']).toBe('*')
    expect(response.headers['access-control-allow-credentials']).toBeUndefined()
  })
})

describe('RFC 8414 the metadata of an authorization server', () => {
  test.each([
    ['/.well-known/oauth-authorization-server', ''],
    ['/oauth2/default/.well-known/oauth-authorization-server', '/oauth2/default'],
    ['/.well-known/oauth-authorization-server/oauth2/default', '/oauth2/default'],
  ])('is at %s', async (url, path) => {
    const document = (await get(url)).json()
    expect(document.issuer).toBe(`${house.url}${path}`)
    expect(document).not.toHaveProperty('userinfo_endpoint')
    expect(document).not.toHaveProperty('id_token_signing_alg_values_supported')
  })

  test.each([
    '/oauth2/nothing/.well-known/openid-configuration',
    '/.well-known/oauth-authorization-server/oauth2/nothing',
    '/oauth2/org/.well-known/openid-configuration',
    '/oauth2/%00/.well-known/openid-configuration',
  ])('is not there for a server that is not: %s', async (url) => {
    const response = await get(url)
    expect([response.statusCode, response.json().error]).toEqual([404, 'invalid_request'])
  })
})
