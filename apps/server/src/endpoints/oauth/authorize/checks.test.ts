import { describe, expect, test } from 'vitest'
import type { Issuer } from '../../../authorization/index.ts'
import {
  type AuthorizationServer,
  defaultSettings,
  orgServerId,
  standardScopes,
} from '../../../records/authorization-servers/index.ts'
import type { Client, ClientId } from '../../../records/clients/index.ts'
import { defaultOrgId } from '../../../records/orgs/index.ts'
import { pkce } from '../testing.ts'
import { type Asked, askedScopes, grantedScopes } from './asked.ts'
import { checks } from './checks.ts'

const server: AuthorizationServer = {
  id: orgServerId,
  name: 'org',
  description: '',
  status: 'active',
  audiences: [],
  scopes: [...standardScopes, { name: 'orders:read' }],
  claims: [],
  settings: defaultSettings,
  createdAt: 0,
  updatedAt: 0,
}
const issuer: Issuer = { org: { id: defaultOrgId, version: 1 }, url: 'https://id.example', server }
const client: Client = {
  id: 'app' as ClientId,
  name: 'App',
  status: 'active',
  applicationType: 'web',
  tokenEndpointAuthMethod: 'client_secret_basic',
  redirectUris: ['https://app.example/callback'],
  postLogoutRedirectUris: [],
  grantTypes: ['authorization_code', 'refresh_token'],
  responseTypes: ['code'],
  consent: 'trusted',
  requirePkce: true,
  createdAt: 0,
  updatedAt: 0,
}
const values = {
  response_type: 'code',
  scope: 'openid profile',
  code_challenge: pkce.challenge,
  code_challenge_method: 'S256',
}

type Changes = {
  values?: Record<string, string | undefined>
  client?: Partial<Client>
  repeated?: string[]
  server?: Partial<AuthorizationServer>
}

function asking(changes: Changes = {}): Asked {
  const given = Object.entries({ ...values, ...changes.values }).filter(([, value]) => value !== undefined)
  return {
    issuer: { ...issuer, server: { ...server, ...changes.server } },
    client: { ...client, ...changes.client },
    redirectUri: 'https://app.example/callback',
    values: Object.fromEntries(given) as Record<string, string>,
    repeated: changes.repeated ?? [],
  }
}

function reasonFor(changes: Changes): string {
  try {
    for (const check of checks) check(asking(changes))
    return 'accepted'
  } catch (thrown) {
    return String(Reflect.get(Object(thrown), 'code'))
  }
}

const refused = (reason: string, cases: readonly (readonly [string, Changes])[]) =>
  test.each(cases)(`${reason}: %s`, (_, changes) => {
    expect(reasonFor(changes)).toBe(reason)
  })

test('A complete request passes every check', () => {
  expect(reasonFor({})).toBe('accepted')
})

describe('RFC 6749 §4.1.1 the authorization request', () => {
  refused('duplicate_parameter', [['a parameter that came twice', { repeated: ['scope'] }]])
  refused('response_type_missing', [['no response type', { values: { response_type: undefined } }]])
  refused('response_type_unsupported', [
    ['the implicit grant', { values: { response_type: 'token' } }],
    ['a hybrid', { values: { response_type: 'code id_token' } }],
    ['another case', { values: { response_type: 'CODE' } }],
  ])
  refused('response_type_not_allowed', [['a client registered without it', { client: { responseTypes: [] } }]])
  refused('grant_type_not_allowed', [
    ['a client without the grant type', { client: { grantTypes: ['refresh_token'] } }],
  ])
  refused('response_mode_unsupported', [['a mode of another server', { values: { response_mode: 'web_message' } }]])
  refused('accepted', [
    ['the fragment', { values: { response_mode: 'fragment' } }],
    ['a posted form', { values: { response_mode: 'form_post' } }],
    ['parameters that nobody knows', { values: { colour: 'blue' } }],
    ['no state', { values: { state: undefined } }],
  ])
})

describe('RFC 6749 §3.3 scopes', () => {
  refused('scope_missing', [
    ['none', { values: { scope: undefined } }],
    ['spaces', { values: { scope: '  ' } }],
  ])
  refused('scope_malformed', [['a quotation mark', { values: { scope: 'openid "profile"' } }]])
  refused('scope_unknown', [['one that the server does not have', { values: { scope: 'openid orders:write' } }]])
  refused('scope_not_allowed', [['one that the client may not ask for', { client: { scopes: ['openid'] } }]])
  refused('openid_scope_required', [['the profile without openid', { values: { scope: 'profile' } }]])
  refused('accepted', [['a scope of its own without openid', { values: { scope: 'orders:read' } }]])

  test('each counts once', () => {
    expect(askedScopes(asking({ values: { scope: 'openid openid profile' } }))).toEqual(['openid', 'profile'])
  })

  test('the default ones stand where none is named', () => {
    const scopes = [{ name: 'openid' }, { name: 'orders:read', isDefault: true }]
    expect(askedScopes(asking({ values: { scope: undefined }, server: { scopes } }))).toEqual(['orders:read'])
  })

  test('offline_access is left out for a client that cannot refresh', () => {
    const asked = { values: { scope: 'openid offline_access' }, client: { grantTypes: ['authorization_code'] } }
    expect(grantedScopes(asking(asked))).toEqual(['openid'])
  })
})

describe('RFC 7636 PKCE', () => {
  const none = { code_challenge: undefined, code_challenge_method: undefined }
  refused('pkce_challenge_required', [
    ['a client that must use it', { values: none }],
    [
      'a public client whose registration says otherwise',
      { values: none, client: { requirePkce: false, tokenEndpointAuthMethod: 'none' } },
    ],
    ['a method without a challenge', { values: { code_challenge: undefined }, client: { requirePkce: false } }],
  ])
  refused('pkce_method_unsupported', [
    ['plain', { values: { code_challenge_method: 'plain' } }],
    ['no method, which means plain', { values: { code_challenge_method: undefined } }],
    ['another case', { values: { code_challenge_method: 's256' } }],
  ])
  refused('pkce_challenge_malformed', [
    ['shorter than 43 characters', { values: { code_challenge: pkce.challenge.slice(1) } }],
    ['longer', { values: { code_challenge: `${pkce.challenge}A` } }],
    ['letters of no base64url', { values: { code_challenge: pkce.challenge.replace('-', '*') } }],
  ])
  refused('accepted', [
    ['a confidential client that need not use it', { values: none, client: { requirePkce: false } }],
  ])
})

describe('OpenID Connect Core §3.1.2.1', () => {
  refused('registration_unsupported', [['registration', { values: { registration: '{}' } }]])
  refused('prompt_invalid', [
    ['none beside another', { values: { prompt: 'none login' } }],
    ['a word that nobody knows', { values: { prompt: 'please' } }],
  ])
  refused('max_age_invalid', [
    ['words', { values: { max_age: 'soon' } }],
    ['a negative age', { values: { max_age: '-1' } }],
    ['more than 31 bits', { values: { max_age: '2147483648' } }],
  ])
  refused('accepted', [
    ['login and consent together', { values: { prompt: 'login consent' } }],
    ['an age of zero', { values: { max_age: '0' } }],
  ])
})
