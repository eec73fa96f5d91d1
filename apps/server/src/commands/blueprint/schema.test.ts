import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { BlueprintError } from './errors.ts'
import { blueprintJsonSchema } from './json-schema.ts'
import { parseBlueprint } from './schema.ts'

const client = { client_id: 'web', application_type: 'browser', redirect_uris: ['https://app.example.com/callback'] }
const user = { login: 'ada', email: 'ada@example.com' }
const inOrg = (members: object) => ({ orgs: [{ id: 'acme', ...members }] })

function refusal(input: unknown): BlueprintError {
  try {
    parseBlueprint(input)
  } catch (thrown) {
    if (thrown instanceof BlueprintError) return thrown
    throw thrown
  }
  throw new Error('nothing was refused')
}

describe('A blueprint', () => {
  test('is read with RFC 7591 names for clients, and defaults for what it leaves out', () => {
    const [org] = parseBlueprint({
      $schema: './blueprint.schema.json',
      ...inOrg({ clients: [client], users: [user] }),
    }).orgs
    expect(org?.clients).toMatchObject([{ id: 'web', tokenEndpointAuthMethod: 'none', consent: 'trusted' }])
    expect(org?.users).toMatchObject([{ login: 'ada', emailVerified: false, roles: [] }])
    expect(org).toMatchObject({ groups: [], apiTokens: [], trustedOrigins: [], policies: [] })
  })

  const unknownKeys: [string, unknown, string][] = [
    ['at the top', { orgs: [], org: [] }, '$.org'],
    ['in an org', inOrg({ host: 'id.example.com' }), '$.orgs[0].host'],
    ['in a client', inOrg({ clients: [{ ...client, redirect_uri: 'x' }] }), '$.orgs[0].clients[0].redirect_uri'],
    ['in a user', inOrg({ users: [user, { ...user, eMail: 'x' }] }), '$.orgs[0].users[1].eMail'],
    [
      'in a claim of an authorization server',
      inOrg({
        authorizationServers: [
          {
            id: 'api',
            name: 'API',
            claims: [{ name: 'a', token: 'id', value: { kind: 'static', value: 1, values: 2 } }],
          },
        ],
      }),
      '$.orgs[0].authorizationServers[0].claims[0].value.values',
    ],
    [
      'in a rule of a policy',
      inOrg({
        policies: [{ type: 'profile', name: 'P', rules: [{ name: 'R', actions: { signUp: 'open', signup: 1 } }] }],
      }),
      '$.orgs[0].policies[0].rules[0].actions.signup',
    ],
  ]
  test.each(unknownKeys)('is refused for a key that is not known %s', (_where, input, path) => {
    const refused = refusal(input)
    expect(refused.path).toBe(path)
    expect(refused.message).toBe(`${path}: is not known here`)
  })

  const mistakes: [string, unknown, string][] = [
    ['without orgs that are a list', { orgs: {} }, '$.orgs'],
    ['whose client has no id', inOrg({ clients: [{ redirect_uris: [] }] }), '$.orgs[0].clients[0].client_id'],
    [
      'whose client has a redirect URI with a wildcard',
      inOrg({ clients: [{ ...client, redirect_uris: ['https://*.example.com/'] }] }),
      '$.orgs[0].clients[0].redirect_uris[0]',
    ],
    [
      'whose client contradicts itself',
      inOrg({ clients: [{ ...client, client_secret: 'a secret' }] }),
      '$.orgs[0].clients[0]',
    ],
    ['whose user has no address', inOrg({ users: [{ ...user, email: 'ada' }] }), '$.orgs[0].users[0].email'],
    ['whose user id is no id', inOrg({ users: [{ ...user, id: '00u1' }] }), '$.orgs[0].users[0].id'],
    [
      'whose API token can be guessed',
      inOrg({ apiTokens: [{ name: 'ci', value: 'secret' }] }),
      '$.orgs[0].apiTokens[0].value',
    ],
    ['that names a client twice', inOrg({ clients: [client, client] }), '$.orgs[0].clients[1].client_id'],
    ['that names an org twice', { orgs: [{ id: 'acme' }, { id: 'acme' }] }, '$.orgs[1].id'],
    [
      'that trusts an origin without a scope',
      inOrg({ trustedOrigins: [{ name: 'a', origin: 'https://a.example', scopes: [] }] }),
      '$.orgs[0].trustedOrigins[0].scopes',
    ],
  ]
  test.each(mistakes)('is refused %s', (_what, input, path) => {
    expect(refusal(input).path).toBe(path)
  })
})

describe('The JSON Schema of blueprints', () => {
  test('is published as it is: latchkey apply --print-schema > docs/reference/blueprint.schema.json', () => {
    const published = join(import.meta.dirname, '../../../../../docs/reference/blueprint.schema.json')
    expect(JSON.parse(readFileSync(published, 'utf8'))).toEqual(blueprintJsonSchema())
  })

  test('asks for orgs and allows nothing else', () => {
    expect(blueprintJsonSchema()).toMatchObject({ required: ['orgs'], additionalProperties: false })
  })
})
