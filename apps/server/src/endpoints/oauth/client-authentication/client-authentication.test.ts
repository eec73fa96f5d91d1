import { beforeAll, describe, expect, test } from 'vitest'
import { openCache, withAddress } from '../../../access/index.ts'
import { inTransaction } from '../../../platform/database/index.ts'
import { databases } from '../../../platform/database/testing.ts'
import { defaultServerId } from '../../../records/authorization-servers/index.ts'
import { saveClient } from '../../../records/clients/index.ts'
import { getOrg, type Org } from '../../../records/orgs/index.ts'
import { openClientKeys } from '../client-keys.ts'
import { findIssuer } from '../issuers.ts'
import { openOriginList } from '../origins.ts'
import { addClient, firstOrg, openTestHouse, type TestHouse } from '../testing.ts'
import { authenticateClient } from './authenticate.ts'

const secret = 'p@ss word:with/+%'
let house: TestHouse
let org: Org

beforeAll(async () => {
  const [sqlite] = databases
  if (!sqlite) throw new Error('no database')
  house = await openTestHouse(await sqlite.open())
  const web = { application_type: 'web', client_secret: secret }
  await addClient(house, { client_id: 'public' })
  await addClient(house, { ...web, client_id: 'basic', token_endpoint_auth_method: 'client_secret_basic' })
  await addClient(house, { ...web, client_id: 'post', token_endpoint_auth_method: 'client_secret_post' })
  await addClient(house, { ...web, client_id: 'switched-off', status: 'inactive' })
  await addClient(house, { ...web, client_id: 'colon:and%' })
  const jwks = { keys: [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }] }
  await addClient(house, {
    application_type: 'web',
    client_id: 'keys',
    token_endpoint_auth_method: 'private_key_jwt',
    jwks,
  })
  org = await getOrg(house.db, firstOrg)
})

type Sent = { basic?: readonly string[]; header?: string; values?: Record<string, string> }

async function outcomeOf({ basic, header, values = {} }: Sent): Promise<string> {
  const encoded = basic && `Basic ${Buffer.from(basic.join(':')).toString('base64')}`
  const request = { authorization: header ?? encoded, values, endpoint: 'token' }
  const deps = {
    ...house,
    cache: openCache(house),
    assets: { 'style.css': '', 'icon.svg': '', 'sign-in.js': '', 'account.js': '' },
    clientKeys: openClientKeys(house),
    origins: openOriginList(house),
  }
  const issuer = await findIssuer(deps.cache, withAddress(org, { url: house.url }), defaultServerId)
  try {
    return (await authenticateClient(deps, issuer, request)).id
  } catch (thrown) {
    return String(Reflect.get(Object(thrown), 'code'))
  }
}

const e = encodeURIComponent

describe('RFC 6749 §2.3.1 a client with a secret', () => {
  test.each<[string, Sent, string]>([
    ['in the header, both halves form-encoded', { basic: ['basic', e(secret)] }, 'basic'],
    ['in the header, with spaces as plus signs', { basic: ['basic', e(secret).replace('%20', '+')] }, 'basic'],
    ['whose id needs the encoding', { basic: [e('colon:and%'), e(secret)] }, 'colon:and%'],
    ['in the form', { values: { client_id: 'post', client_secret: secret } }, 'post'],
    [
      'in the form although registered for the header',
      { values: { client_id: 'basic', client_secret: secret } },
      'basic',
    ],
    ['in the header although registered for the form', { basic: ['post', e(secret)] }, 'post'],
    [
      'in the header, naming itself in the form too',
      { basic: ['basic', e(secret)], values: { client_id: 'basic' } },
      'basic',
    ],
  ])('is accepted: %s', async (_, sent, id) => {
    expect(await outcomeOf(sent)).toBe(id)
  })

  test.each<[string, string, Sent]>([
    ['a wrong secret', 'client_secret_incorrect', { basic: ['basic', 'wrong'] }],
    [
      'a wrong secret in the form',
      'client_secret_incorrect',
      { values: { client_id: 'post', client_secret: 'wrong' } },
    ],
    ['no secret', 'client_method_mismatch', { values: { client_id: 'basic' } }],
    ['an empty secret', 'client_method_mismatch', { basic: ['basic', ''] }],
    ['a client that nobody knows', 'client_not_found', { basic: ['nobody', e(secret)] }],
    ['a client that was switched off', 'client_inactive', { basic: ['switched-off', e(secret)] }],
    ['a secret from a client that signs', 'client_method_mismatch', { basic: ['keys', e(secret)] }],
    ['nothing at all', 'credentials_missing', {}],
    ['a secret without a name', 'credentials_missing', { values: { client_secret: secret } }],
    [
      'header and form at once',
      'multiple_credentials',
      { basic: ['basic', e(secret)], values: { client_id: 'basic', client_secret: secret } },
    ],
    [
      'another name in the form',
      'multiple_credentials',
      { basic: ['basic', e(secret)], values: { client_id: 'post' } },
    ],
    [
      'an assertion of no known type',
      'client_assertion_type_invalid',
      { values: { client_id: 'keys', client_assertion: 'e30.e30.c2ln' } },
    ],
    ['another scheme', 'basic_malformed', { header: 'Bearer abc', values: { client_id: 'public' } }],
    ['a header that is no base64', 'basic_malformed', { header: 'Basic !!!' }],
    ['a header without a name', 'basic_malformed', { basic: ['', 'secret'] }],
    [
      'bytes that are not UTF-8',
      'basic_malformed',
      { header: `Basic ${Buffer.from([0xff, 0xfe]).toString('base64')}` },
    ],
  ])('is refused: %s (%s)', async (_, reason, sent) => {
    expect(await outcomeOf(sent)).toBe(reason)
  })

  test('of two living secrets either will do', async () => {
    const secrets = ['the newer secret', 'the older secret']
    const client = await addClient(house, {
      application_type: 'web',
      client_id: 'rotating',
      client_secret: 'the first one',
    })
    await inTransaction(house.db, (tx) => saveClient(tx, firstOrg, { ...client, secrets }, house.vault, house.now()))
    org = await getOrg(house.db, firstOrg)
    expect(await outcomeOf({ basic: ['rotating', e('the newer secret')] })).toBe('rotating')
    expect(await outcomeOf({ basic: ['rotating', e('the older secret')] })).toBe('rotating')
    expect(await outcomeOf({ basic: ['rotating', e('the first one')] })).toBe('client_secret_incorrect')
  })
})

describe('A public client', () => {
  test.each<[string, Sent]>([
    ['in the form', { values: { client_id: 'public' } }],
    ['in the header without a colon, as auth-js does', { basic: ['public'] }],
    ['in the header with nothing behind the colon', { basic: ['public', ''] }],
  ])('names itself %s', async (_, sent) => {
    expect(await outcomeOf(sent)).toBe('public')
  })

  test('cannot have a secret', async () => {
    expect(await outcomeOf({ values: { client_id: 'public', client_secret: 'x' } })).toBe('client_method_mismatch')
    expect(await outcomeOf({ basic: ['public', 'x'] })).toBe('client_method_mismatch')
  })
})
