import { beforeAll, describe, expect, test } from 'vitest'
import { inTransaction } from '../../platform/database/index.ts'
import type { ServerId } from '../../records/authorization-servers/index.ts'
import { type ClientId, checkClientSecret } from '../../records/clients/index.ts'
import { findGrant, type GrantId, insertGrant } from '../../records/grants/index.ts'
import { describeEachHouse } from '../../testing/each-database.ts'
import type { TestOrg } from '../../testing/index.ts'
import { type Answer, type Caller, openCaller } from './testing.ts'

type App = {
  id: string
  label: string
  status: string
  credentials: { oauthClient: Record<string, unknown> }
  settings: { oauthClient: Record<string, unknown> }
  _links: Record<string, { href: string }>
} & Record<string, unknown>

const web = {
  name: 'oidc_client',
  label: 'Shop',
  signOnMode: 'OPENID_CONNECT',
  credentials: { oauthClient: { autoKeyRotation: true, token_endpoint_auth_method: 'client_secret_basic' } },
  settings: {
    oauthClient: {
      client_uri: 'https://shop.example',
      logo_uri: null,
      redirect_uris: ['https://shop.example/callback'],
      post_logout_redirect_uris: ['https://shop.example/'],
      response_types: ['code'],
      grant_types: ['authorization_code', 'refresh_token'],
      application_type: 'web',
      consent_method: 'REQUIRED',
    },
  },
}
const withSettings = (settings: object, credentials: object = {}) => ({
  ...web,
  credentials: { oauthClient: { ...web.credentials.oauthClient, ...credentials } },
  settings: { oauthClient: { ...web.settings.oauthClient, ...settings } },
})

describeEachHouse('Apps', (house) => {
  let org: TestOrg
  let api: Caller
  beforeAll(async () => {
    org = await house().newOrg()
    api = await openCaller(org)
  })
  const create = async (body: object = web, query = '') => {
    const { status, body: app } = await api.call<App>('POST', `/api/v1/apps${query}`, body)
    expect([status, app]).toEqual([200, expect.objectContaining({ id: expect.any(String) })])
    return app
  }

  test('are created with an id and a secret of their own, and shown as they are kept', async () => {
    const app = await create()
    const { id } = app
    expect(app).toMatchObject({
      id: expect.stringMatching(/^0oa[0-9A-Za-z]{17}$/),
      name: 'oidc_client',
      label: 'Shop',
      status: 'ACTIVE',
      created: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      signOnMode: 'OPENID_CONNECT',
      credentials: {
        oauthClient: {
          client_id: id,
          client_secret: expect.stringMatching(/^[\w-]{43}$/),
          token_endpoint_auth_method: 'client_secret_basic',
          pkce_required: true,
        },
      },
      settings: { oauthClient: { ...web.settings.oauthClient, refresh_token: { rotation_type: 'STATIC' } } },
      _links: {
        self: { href: `${org.url}/api/v1/apps/${id}` },
        deactivate: { href: `${org.url}/api/v1/apps/${id}/lifecycle/deactivate` },
      },
    })
    expect((await api.call('GET', `/api/v1/apps/${id}`)).body).toEqual(app)
    const { db, vault } = house().ground
    const secret = String(app.credentials.oauthClient.client_secret)
    expect(await checkClientSecret(db, vault, org.id, id as ClientId, secret)).toBe(true)
    const events = await org.events({ clientId: id })
    expect(events).toMatchObject([{ name: 'client.created', details: { actor: { name: 'CI' } } }])
  })

  test('keep the id and the secret that they are given, and wait inactive where they are not to be activated', async () => {
    const chosen = { client_id: 'chosen-by-hand', client_secret: 'a secret of my own' }
    const app = await create(withSettings({}, chosen), '?activate=false')
    expect(app).toMatchObject({ id: 'chosen-by-hand', status: 'INACTIVE', credentials: { oauthClient: chosen } })
    expect(await api.call('POST', '/api/v1/apps', withSettings({}, chosen))).toMatchObject({
      status: 400,
      reason: 'client_id_taken',
      body: { errorCode: 'E0000001', errorSummary: 'Api validation failed: client_id' },
    })
  })

  test('of browsers have no secret', async () => {
    const spa = { application_type: 'browser', redirect_uris: ['http://localhost:3000/login/callback'] }
    const app = await create(withSettings(spa, { token_endpoint_auth_method: 'none' }))
    expect(app.credentials.oauthClient).not.toHaveProperty('client_secret')
    expect(app.settings.oauthClient.refresh_token).toEqual({ rotation_type: 'ROTATE', leeway: 30 })
  })

  test.each<[string, object, string]>([
    ['no label', { ...web, label: undefined }, 'label'],
    ['another kind', { ...web, signOnMode: 'SAML_2_0' }, 'signOnMode'],
    ['another template', { ...web, name: 'bookmark' }, 'name'],
    ['no settings', { ...web, settings: undefined }, 'settings'],
    ['a redirect to http', withSettings({ redirect_uris: ['http://shop.example/'] }), 'redirect_uris'],
    ['a redirect with a wildcard', withSettings({ redirect_uris: ['https://*.shop.example/'] }), 'redirect_uris'],
    ['redirects of another type', withSettings({ redirect_uris: 'https://shop.example/' }), 'redirect_uris'],
    ['no redirect', withSettings({ redirect_uris: [] }), 'redirect_uris'],
    ['wildcards allowed', withSettings({ wildcard_redirect: 'SUBDOMAIN' }), 'wildcard_redirect'],
    ['an unknown method', withSettings({}, { token_endpoint_auth_method: 'magic' }), 'token_endpoint_auth_method'],
    ['a short secret', withSettings({}, { client_secret: 'short' }), 'client_secret'],
    ['a private key', withSettings({ jwks: { keys: [{ kty: 'RSA', d: 'x' }] } }), 'jwks'],
    ['a script for a home', withSettings({ client_uri: 'javascript:alert(1)' }), 'client_uri'],
    ['an id with a space', withSettings({}, { client_id: 'a b' }), 'client_id'],
  ])('are not created with %s', async (_what, body, member) => {
    const answer = await api.call<{ errorCauses: { errorSummary: string }[] }>('POST', '/api/v1/apps', body)
    expect(answer).toMatchObject({
      status: 400,
      reason: 'validation_failed',
      body: { errorCode: 'E0000001', errorSummary: `Api validation failed: ${member}` },
    })
    expect(answer.body.errorCauses[0]?.errorSummary).toMatch(new RegExp(`^${member}`))
  })

  test('are replaced as a whole, and keep their secret', async () => {
    const app = await create()
    const same = await api.call<App>('PUT', `/api/v1/apps/${app.id}`, app)
    expect(same.body).toEqual(app)
    const changed = { ...withSettings({ client_uri: null, redirect_uris: ['https://new.example/'] }), label: 'New' }
    const { body } = await api.call<App>('PUT', `/api/v1/apps/${app.id}`, changed)
    expect(body).toMatchObject({
      label: 'New',
      credentials: { oauthClient: { client_secret: app.credentials.oauthClient.client_secret } },
      settings: { oauthClient: { client_uri: null, redirect_uris: ['https://new.example/'] } },
    })
    const other = await api.call('PUT', `/api/v1/apps/${app.id}`, withSettings({}, { client_id: 'another' }))
    expect(other).toMatchObject({ status: 400, reason: 'validation_failed' })
  })

  test('lose a secret that they have no use for, and get one when they need it', async () => {
    const app = await create()
    const open = withSettings({ application_type: 'native' }, { token_endpoint_auth_method: 'none' })
    const { body } = await api.call<App>('PUT', `/api/v1/apps/${app.id}`, open)
    expect(body.credentials.oauthClient).not.toHaveProperty('client_secret')
    const closed = await api.call<App>('PUT', `/api/v1/apps/${app.id}`, web)
    expect(closed.body.credentials.oauthClient.client_secret).toMatch(/^[\w-]{43}$/)
    expect(closed.body.credentials.oauthClient.client_secret).not.toBe(app.credentials.oauthClient.client_secret)
  })

  test('are deactivated before they are deleted, with everything that came of them', async () => {
    const { id } = await create()
    const { db, now } = house().ground
    const grant = await inTransaction(db, (tx) =>
      insertGrant(
        tx,
        org.id,
        {
          serverId: 'default' as ServerId,
          clientId: id as ClientId,
          userId: null,
          sessionId: null,
          scopes: [],
          details: {},
          expiresAt: now() + 1e9,
        },
        now(),
      ),
    )
    expect(await api.call('DELETE', `/api/v1/apps/${id}`)).toMatchObject({
      status: 403,
      reason: 'client_is_active',
      body: { errorCode: 'E0000056' },
    })
    expect(await api.call('POST', `/api/v1/apps/${id}/lifecycle/deactivate`)).toMatchObject({ status: 200, body: {} })
    expect((await api.call<App>('GET', `/api/v1/apps/${id}`)).body.status).toBe('INACTIVE')
    await api.call('POST', `/api/v1/apps/${id}/lifecycle/activate`)
    expect((await api.call<App>('GET', `/api/v1/apps/${id}`)).body.status).toBe('ACTIVE')
    await api.call('POST', `/api/v1/apps/${id}/lifecycle/deactivate`)
    expect((await api.call('DELETE', `/api/v1/apps/${id}`)).status).toBe(204)
    expect(await api.call('GET', `/api/v1/apps/${id}`)).toMatchObject({
      status: 404,
      body: { errorCode: 'E0000007', errorSummary: `Not found: Resource not found: ${id} (AppInstance)` },
    })
    expect((await findGrant(db, org.id, (grant as { id: GrantId }).id))?.revokedAt).not.toBeNull()
    const names = (await org.events({ clientId: id })).map(({ name }) => name).toSorted()
    expect(names).toEqual([
      'client.activated',
      'client.created',
      'client.deactivated',
      'client.deactivated',
      'client.deleted',
      'client.deleted',
      'grant.revoked',
    ])
  })

  describe('in a list', () => {
    let small: Caller
    let ids: string[]
    beforeAll(async () => {
      const own = await house().newOrg()
      small = await openCaller(own)
      ids = []
      for (const label of ['Alpha', 'alphabet', 'Beta', 'Gamma_%', 'Delta']) {
        const { body } = await small.call<App>('POST', '/api/v1/apps', { ...web, label })
        ids.push(body.id)
        house().clock.advance(1)
      }
      await small.call('POST', `/api/v1/apps/${ids[2]}/lifecycle/deactivate`)
    })
    const labels = async (query: string) => {
      const { body } = await small.call<App[]>('GET', `/api/v1/apps?${query}`)
      return Array.isArray(body) ? body.map(({ label }) => label).join(' ') : body
    }

    test('come page by page, without secrets', async () => {
      const pages: string[][] = []
      let next: string | undefined = '/api/v1/apps?limit=2'
      while (next) {
        const answer: Answer<App[]> = await small.call<App[]>('GET', next)
        expect(JSON.stringify(answer.body)).not.toContain('client_secret"')
        pages.push(answer.body.map(({ id }) => id))
        next = answer.links.next
      }
      expect(pages).toEqual([ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)])
    })

    test.each([
      ['q=ALPHA', 'Alpha alphabet'],
      ['q=Gamma_%25', 'Gamma_%'],
      ['q=%25', ''],
      ['filter=status%20eq%20%22INACTIVE%22', 'Beta'],
      ['filter=status%20eq%20%22ACTIVE%22%20and%20label%20sw%20%22Al%22', 'Alpha'],
      ['filter=name%20eq%20%22oidc_client%22', 'Alpha alphabet Beta Gamma_% Delta'],
      ['filter=name%20eq%20%22bookmark%22', ''],
    ])('%s', async (query, found) => {
      expect(await labels(query)).toBe(found)
    })

    test.each([
      ['filter=nothing', 'filter_malformed', 'E0000053'],
      ['filter=secrets%20pr', 'filter_attribute_unknown', 'E0000031'],
      ['filter=status%20eq%201', 'filter_value_mistyped', 'E0000031'],
      ['filter=status%20pr&q=a', 'search_conflict', 'E0000033'],
      ['limit=0', 'validation_failed', 'E0000001'],
      ['limit=2&limit=3', 'validation_failed', 'E0000001'],
      ['after=nowhere', 'cursor_invalid', 'E0000029'],
    ])('not by %s', async (query, reason, errorCode) => {
      const answer = await small.call('GET', `/api/v1/apps?${query}`)
      expect(answer).toMatchObject({ status: 400, reason, body: { errorCode } })
    })
  })

  test('of another org are nowhere', async () => {
    const { id } = await create()
    const other = await openCaller(await house().newOrg())
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['PUT', '', web],
      ['DELETE', '', undefined],
      ['POST', '/lifecycle/deactivate', undefined],
    ] as const)
      expect([method, (await other.call(method, `/api/v1/apps/${id}${path}`, body)).status]).toEqual([method, 404])
    expect((await other.call('GET', '/api/v1/apps')).body).toEqual([])
  })
})
