import { describe, expect, test } from 'vitest'
import { acceptsAuthenticationMethod, type ClientAuthenticationMethod, isPublicClient } from './client.ts'
import { clientMetadata, parseClientMetadata } from './schema.ts'

const callback = { redirect_uris: ['https://app.example.com/cb'] }
const jwks = { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }] }

describe('RFC 7591 client metadata', () => {
  test('means what the specification says where it says nothing', () => {
    expect(parseClientMetadata(callback)).toEqual({
      name: 'Client',
      status: 'active',
      applicationType: 'web',
      tokenEndpointAuthMethod: 'client_secret_basic',
      redirectUris: callback.redirect_uris,
      postLogoutRedirectUris: [],
      grantTypes: ['authorization_code'],
      responseTypes: ['code'],
      consent: 'trusted',
      requirePkce: true,
    })
  })

  test('is read in full', () => {
    const metadata = {
      ...callback,
      client_id: 'shop',
      client_secret: 'correct horse battery',
      client_name: 'Shop',
      application_type: 'web',
      token_endpoint_auth_method: 'client_secret_post',
      post_logout_redirect_uris: ['https://app.example.com/'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      scope: 'openid openid profile',
      client_uri: 'https://example.com',
      logo_uri: 'https://example.com/logo.svg',
      initiate_login_uri: 'https://app.example.com/login',
      jwks,
      backchannel_logout_uri: 'https://app.example.com/logout',
      consent: 'required',
      require_pkce: false,
      status: 'inactive',
    }
    expect(parseClientMetadata(metadata)).toEqual({
      id: 'shop',
      secrets: ['correct horse battery'],
      name: 'Shop',
      status: 'inactive',
      applicationType: 'web',
      tokenEndpointAuthMethod: 'client_secret_post',
      redirectUris: callback.redirect_uris,
      postLogoutRedirectUris: ['https://app.example.com/'],
      grantTypes: ['authorization_code', 'refresh_token'],
      responseTypes: ['code'],
      scopes: ['openid', 'profile'],
      clientUri: 'https://example.com',
      logoUri: 'https://example.com/logo.svg',
      initiateLoginUri: 'https://app.example.com/login',
      jwks,
      backchannelLogoutUri: 'https://app.example.com/logout',
      consent: 'required',
      requirePkce: false,
    })
  })

  test.each(['native', 'browser'])('makes a %s client public unless it says otherwise', (application_type) => {
    const client = parseClientMetadata({ ...callback, application_type })
    expect(client.tokenEndpointAuthMethod).toBe('none')
    expect(isPublicClient(client)).toBe(true)
  })

  test('gives a service its own grant type and no redirects', () => {
    expect(parseClientMetadata({ application_type: 'service' })).toMatchObject({
      grantTypes: ['client_credentials'],
      responseTypes: [],
      redirectUris: [],
    })
  })

  test('asks for consent where those who register themselves are not trusted', () => {
    expect(parseClientMetadata(callback, { consent: 'required' }).consent).toBe('required')
  })

  test('leaves out what it does not understand, and refuses it where it is read strictly', () => {
    expect(parseClientMetadata({ ...callback, software_id: 'x' })).not.toHaveProperty('software_id')
    expect(clientMetadata.strict().safeParse({ ...callback, redirect_uri: 'x' }).error?.issues[0]).toMatchObject({
      code: 'unrecognized_keys',
      keys: ['redirect_uri'],
    })
  })

  test.each<[member: string, metadata: unknown]>([
    ['', null],
    ['', 'text'],
    ['client_id', { ...callback, client_id: '' }],
    ['client_id', { ...callback, client_id: 'with space' }],
    ['client_secret', { ...callback, client_secret: '' }],
    ['client_secret', { ...callback, client_secret: 'long enough', token_endpoint_auth_method: 'none' }],
    ['client_secret', { ...callback, client_secret: 'long enough', application_type: 'native' }],
    ['client_name', { ...callback, client_name: ' ' }],
    ['application_type', { ...callback, application_type: 'desktop' }],
    ['token_endpoint_auth_method', { ...callback, token_endpoint_auth_method: 'tls_client_auth' }],
    [
      'token_endpoint_auth_method',
      { ...callback, application_type: 'browser', token_endpoint_auth_method: 'client_secret_post' },
    ],
    ['token_endpoint_auth_method', { grant_types: ['client_credentials'], token_endpoint_auth_method: 'none' }],
    ['redirect_uris', {}],
    ['redirect_uris', { redirect_uris: [] }],
    ['redirect_uris', { redirect_uris: 'https://app.example.com/cb' }],
    ['grant_types.0', { ...callback, grant_types: ['with space'] }],
    ['response_types', { ...callback, response_types: ['id_token'], grant_types: ['authorization_code'] }],
    ['response_types', { ...callback, response_types: ['id_token'], grant_types: [] }],
    ['response_types', { ...callback, response_types: ['code'], grant_types: ['implicit'] }],
    ['scope', { ...callback, scope: 'openid  profile' }],
    ['logo_uri', { ...callback, logo_uri: 'javascript:alert(1)' }],
    ['jwks.keys.0', { ...callback, jwks: { keys: [{ ...jwks.keys[0], d: 'private' }] } }],
    ['jwks.keys.0', { ...callback, jwks: { keys: [{ kty: 'oct', k: 'secret' }] } }],
    ['jwks', { ...callback, jwks, jwks_uri: 'https://app.example.com/keys' }],
    ['jwks', { ...callback, token_endpoint_auth_method: 'private_key_jwt' }],
    ['require_pkce', { ...callback, require_pkce: 'no' }],
  ])('is refused by the name of the member: %s %j', (member, metadata) => {
    expect(() => parseClientMetadata(metadata)).toThrow(
      expect.objectContaining({ code: 'invalid_client_metadata', status: 400, details: { member } }),
    )
  })

  test.each(['redirect_uris', 'post_logout_redirect_uris'])('has an error of its own for a bad one of %s', (name) => {
    const metadata = { ...callback, [name]: ['https://app.example.com/ok', 'https://app.example.com/#no'] }
    expect(() => parseClientMetadata(metadata)).toThrow(
      expect.objectContaining({
        code: 'invalid_redirect_uri',
        message: `${name}.1: The redirect URI must not have a fragment.`,
        details: { member: `${name}.1` },
      }),
    )
  })
})

describe('The authentication of a client', () => {
  test.each<[ClientAuthenticationMethod, ClientAuthenticationMethod, boolean]>([
    ['client_secret_basic', 'client_secret_basic', true],
    ['client_secret_basic', 'client_secret_post', true],
    ['client_secret_post', 'client_secret_basic', true],
    ['client_secret_basic', 'none', false],
    ['client_secret_jwt', 'client_secret_post', false],
    ['private_key_jwt', 'client_secret_basic', false],
    ['private_key_jwt', 'private_key_jwt', true],
    ['none', 'none', true],
    ['none', 'client_secret_post', false],
  ])('registered as %s by %s: %s', (registered, used, isAccepted) => {
    expect(acceptsAuthenticationMethod({ tokenEndpointAuthMethod: registered }, used)).toBe(isAccepted)
  })
})
