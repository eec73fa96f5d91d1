import { beforeAll, describe, expect, test } from 'vitest'
import { describeEachHouse } from '../../testing/each-database.ts'
import type { TestOrg } from '../../testing/index.ts'
import { type Caller, issueToken, openCaller } from './testing.ts'

type User = {
  id: string
  status: string
  profile: Record<string, unknown>
  _links: Record<string, { href: string }>
} & Record<string, unknown>

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

describeEachHouse('Users', (house) => {
  let org: TestOrg
  let api: Caller
  let people = 0
  beforeAll(async () => {
    org = await house().newOrg()
    api = await openCaller(org)
  })
  const profileOf = (changes: object = {}) => {
    people += 1
    const login = `person${people}@example.com`
    return { firstName: 'Isaac', lastName: 'Brock', email: login, login, ...changes }
  }
  const create = async (changes: object = {}, query = '', credentials?: object) => {
    const body = { profile: profileOf(changes), ...(credentials && { credentials }) }
    const answer = await api.call<User>('POST', `/api/v1/users${query}`, body)
    expect([answer.status, answer.body]).toEqual([200, expect.objectContaining({ id: expect.any(String) })])
    return answer.body
  }
  const password = { password: { value: 'TempPassword123!' } }
  const refusal = (status: number, errorCode: string, errorSummary: string, ...causes: string[]) => ({
    status,
    body: {
      errorCode,
      errorSummary,
      errorLink: errorCode,
      errorId: expect.stringMatching(/^oae[0-9A-Za-z]{17}$/),
      errorCauses: causes.map((cause) => ({ errorSummary: cause })),
    },
  })

  describe('are created', () => {
    test('active with a password, as the printed request does', async () => {
      const profile = profileOf({ firstName: 'John', lastName: 'Doe' })
      const body = { profile, credentials: password }
      const answer = await api.call<User>('POST', '/api/v1/users?activate=true', body)
      expect(answer.status).toBe(200)
      const { id } = answer.body
      expect(answer.body).toEqual({
        id: expect.stringMatching(/^00u[0-9A-Za-z]{17}$/),
        status: 'ACTIVE',
        created: expect.stringMatching(time),
        activated: expect.stringMatching(time),
        statusChanged: expect.stringMatching(time),
        lastLogin: null,
        lastUpdated: expect.stringMatching(time),
        passwordChanged: expect.stringMatching(time),
        type: { id: expect.stringMatching(/^oty[0-9A-Za-z]{17}$/) },
        profile: { ...profile, mobilePhone: null, secondEmail: null },
        credentials: { password: {}, provider: { type: 'OKTA', name: 'OKTA' } },
        _links: {
          self: { href: `${org.url}/api/v1/users/${id}` },
          suspend: { href: `${org.url}/api/v1/users/${id}/lifecycle/suspend`, method: 'POST' },
          deactivate: { href: `${org.url}/api/v1/users/${id}/lifecycle/deactivate`, method: 'POST' },
        },
      })
      const names = (await org.events({ userId: id })).map(({ name }) => name).toSorted()
      expect(names).toEqual(['password.changed', 'user.activated', 'user.created'])
    })

    test('provisioned without a password, staged where they are not to be activated', async () => {
      expect(await create()).toMatchObject({ status: 'PROVISIONED', passwordChanged: null, activated: null })
      expect(await create({}, '?activate=false', password)).toMatchObject({ status: 'STAGED' })
    })

    test('with a password that works and is kept as a hash', async () => {
      const { profile } = await create({}, '', password)
      const browser = org.browser()
      await browser.open('/sign-in')
      await browser.submit('/identify', { identifier: String(profile.login) })
      if (!browser.at.page.forms.some(({ action }) => action.endsWith('/password')))
        await browser.submit('/select', { step: 'password' })
      const before = browser.cookies.size
      await browser.submit('/password', { password: 'TempPassword123!' })
      expect(browser.at.error).toBeUndefined()
      expect(browser.cookies.size).toBeGreaterThan(before)
    })

    test('as members of groups', async () => {
      const answer = await api.call('POST', '/api/v1/users', {
        profile: profileOf(),
        groupIds: ['00gNobody0000000000'],
      })
      expect(answer).toMatchObject({ status: 404, reason: 'group_not_found', body: { errorCode: 'E0000007' } })
    })

    const named = 'An object with this field already exists in the current organization'
    const blank = 'The field cannot be left blank'
    test.each<[string, unknown, string, string[]]>([
      ['no profile', {}, 'login', [`login: ${blank}`]],
      ['no login', { profile: { email: 'a@example.com' } }, 'login', [`login: ${blank}`]],
      [
        'a login that is no address',
        { profile: { login: 'ada', email: 'ada@example.com' } },
        'login',
        ['login: Username must be in the form of an email address'],
      ],
      [
        'an e-mail address that is none, twice',
        { profile: { login: 'ada@example.com', email: 'x', secondEmail: 'y' } },
        'email',
        ['email: Does not match required pattern', 'secondEmail: Does not match required pattern'],
      ],
      [
        'an attribute that nobody has',
        { profile: { login: 'ada@example.com', email: 'ada@example.com', shoeSize: '38' } },
        'shoeSize',
        ['shoeSize: The schema of users has no such attribute'],
      ],
      [
        'a prototype name',
        { profile: { login: 'ada@example.com', email: 'ada@example.com', constructor: 'x' } },
        'constructor',
        ['constructor: The schema of users has no such attribute'],
      ],
      [
        'an imported hash',
        {
          profile: { login: 'ada@example.com', email: 'ada@example.com' },
          credentials: { password: { hash: { algorithm: 'BCRYPT' } } },
        },
        'hash',
        ['hash: Importing password hashes is not supported'],
      ],
      [
        'a short password',
        {
          profile: { login: 'ada@example.com', email: 'ada@example.com' },
          credentials: { password: { value: 'short' } },
        },
        'password',
        ['password: Password requirements were not met. Password requirements: at least 12 characters.'],
      ],
      [
        'a type that is not there',
        { profile: { login: 'ada@example.com', email: 'ada@example.com' }, type: { id: 'oty1' } },
        'type',
        ['type: There is no such user type'],
      ],
    ])('but not with %s', async (_what, body, subject, causes) => {
      const answer = await api.call('POST', '/api/v1/users', body)
      expect(answer).toMatchObject(refusal(400, 'E0000001', `Api validation failed: ${subject}`, ...causes))
    })

    test('but not with a login that somebody has', async () => {
      const { profile } = await create()
      const body = { profile: profileOf({ login: String(profile.login).toUpperCase() }) }
      expect(await api.call('POST', '/api/v1/users', body)).toMatchObject(
        refusal(400, 'E0000001', 'Api validation failed: login', `login: ${named}`),
      )
    })

    test.each([
      ['profile=1', undefined],
      ['[]', 'application/json'],
      ['"text"', 'application/json'],
      ['null', 'application/json'],
      ['{', 'application/json'],
      ['{"profile":{"__proto__":{"admin":true}}}', 'application/json'],
      [String.raw`{"profile":{"login":"a\u0000@example.com"}}`, 'application/json'],
      ['{}', 'text/xml'],
    ])('but not from %j of type %j', async (payload, type) => {
      const headers = { host: new URL(org.url).host, authorization: `SSWS ${api.token}` }
      const answer = await house().app.inject({
        method: 'POST',
        url: '/api/v1/users',
        headers: { ...headers, 'content-type': type ?? 'application/x-www-form-urlencoded' },
        payload,
      })
      expect(answer.statusCode).toBe(400)
      expect(answer.json().errorCode).toMatch(/^E00000(?:01|03|21)$/)
    })
  })

  describe('are found', () => {
    test('by id, by login in any case, by the part before the @, and as me', async () => {
      const user = await create({ login: 'Ada.Byron@example.com' })
      const admin = await org.person({ role: 'admin' })
      for (const name of [user.id, 'ada.byron@EXAMPLE.com', encodeURIComponent('Ada.Byron@example.com'), 'ada.byron']) {
        const { status, body } = await api.call<User>('GET', `/api/v1/users/${name}`)
        expect([name, status, body.id]).toEqual([name, 200, user.id])
      }
      const own = await openCaller(org, await issueToken(org, { userId: admin.id }))
      expect((await own.call<User>('GET', '/api/v1/users/me')).body.id).toBe(admin.id)
      expect((await api.call('GET', '/api/v1/users/me')).status).toBe(404)
    })

    test.each(['00uNobody0000000000x', 'nobody@example.com', 'constructor', '%00', '..', 'person', "' or 1=1 --"])(
      'but not %j',
      async (name) => {
        const answer = await api.call('GET', `/api/v1/users/${name === '%00' ? name : encodeURIComponent(name)}`)
        expect(answer.status).toBe(404)
        expect(answer.body.errorCode).toMatch(/^E000000[78]$/)
      },
    )

    test('with the words that Okta has for nobody', async () => {
      expect(await api.call('GET', '/api/v1/users/nobody@example.com')).toMatchObject(
        refusal(404, 'E0000007', 'Not found: Resource not found: nobody@example.com (User)'),
      )
    })
  })

  describe('are changed', () => {
    test('in part by POST', async () => {
      const user = await create({ nickName: 'Izzy' })
      const body = { profile: { firstName: 'Ike', nickName: null, email: 'ike@example.com' } }
      const answer = await api.call<User>('POST', `/api/v1/users/${user.id}`, body)
      const { nickName: _, ...rest } = user.profile
      expect(answer.body.profile).toEqual({ ...rest, firstName: 'Ike', email: 'ike@example.com' })
    })

    test('as a whole by PUT: what is not given is gone', async () => {
      const user = await create({ nickName: 'Izzy' })
      const { login, email } = user.profile
      const { body } = await api.call<User>('PUT', `/api/v1/users/${user.id}`, {
        profile: { login, email, city: 'Ur' },
      })
      expect(body.profile).toEqual({
        login,
        email,
        city: 'Ur',
        firstName: null,
        lastName: null,
        mobilePhone: null,
        secondEmail: null,
      })
      const nameless = await api.call('PUT', `/api/v1/users/${user.id}`, { profile: { email } })
      expect(nameless).toMatchObject({ status: 400, reason: 'validation_failed' })
    })

    test('into what they are when they are given back as they were shown', async () => {
      const user = await create({}, '', password)
      const { body } = await api.call<User>('PUT', `/api/v1/users/${user.id}`, user)
      expect(body).toEqual(user)
    })

    test('in their password', async () => {
      const user = await create()
      house().clock.advance(1_000)
      const { body } = await api.call<User>('POST', `/api/v1/users/${user.id}`, { credentials: password })
      expect(body).toMatchObject({ status: 'ACTIVE', passwordChanged: expect.stringMatching(time) })
    })

    test('but not into somebody without a name', async () => {
      const user = await create()
      for (const profile of [{ login: null }, { email: '' }, { login: 'x' }])
        expect(await api.call('POST', `/api/v1/users/${user.id}`, { profile })).toMatchObject({
          status: 400,
          body: { errorCode: 'E0000001' },
        })
    })
  })

  describe('live', () => {
    const lifecycle = (id: string, verb: string) => api.call('POST', `/api/v1/users/${id}/lifecycle/${verb}`)
    const statusOf = async (id: string) => (await api.call<User>('GET', `/api/v1/users/${id}`)).body.status

    test('from staged to deleted', async () => {
      const { id } = await create({}, '?activate=false', password)
      const steps = [
        ['activate', 'ACTIVE'],
        ['suspend', 'SUSPENDED'],
        ['unsuspend', 'ACTIVE'],
        ['deactivate', 'DEPROVISIONED'],
        ['activate', 'PROVISIONED'],
      ] as const
      for (const [verb, status] of steps) {
        expect(await lifecycle(id, verb)).toMatchObject({ status: 200, body: {} })
        expect([verb, await statusOf(id)]).toEqual([verb, status])
      }
      expect(await api.call('DELETE', `/api/v1/users/${id}`)).toMatchObject({ status: 204, body: undefined })
      expect(await statusOf(id)).toBe('DEPROVISIONED')
      expect(await api.call('DELETE', `/api/v1/users/${id}?sendEmail=false`)).toMatchObject({ status: 204 })
      expect(await api.call('GET', `/api/v1/users/${id}`)).toMatchObject({ status: 404 })
      expect(await api.call('DELETE', `/api/v1/users/${id}`)).toMatchObject({ status: 404 })
    })

    test('only where their status allows it', async () => {
      const { id } = await create({}, '', password)
      expect(await lifecycle(id, 'activate')).toMatchObject(
        refusal(403, 'E0000016', 'Activation failed because the user is already active'),
      )
      expect(await lifecycle(id, 'unsuspend')).toMatchObject({ status: 400, body: { errorCode: 'E0000001' } })
      await lifecycle(id, 'deactivate')
      expect(await lifecycle(id, 'suspend')).toMatchObject({ status: 400, reason: 'user_not_active' })
      expect(await lifecycle(id, 'deactivate')).toMatchObject(
        refusal(403, 'E0000038', "This operation is not allowed in the user's current status."),
      )
      const refused = await org.events({ userId: id, types: ['user.suspended'] })
      expect(refused).toMatchObject([{ outcome: 'FAILURE', reason: 'user_not_active' }])
    })

    test('by the word of the token that the log names', async () => {
      const { id } = await create()
      await lifecycle(id, 'deactivate')
      const [event] = await org.events({ userId: id, types: ['user.deactivated'] })
      expect(event?.details.actor).toMatchObject({ type: 'api-token', name: 'CI', userId: null })
    })
  })

  test('of another org are nowhere, whatever is asked', async () => {
    const { id, profile } = await create()
    const other = await openCaller(await house().newOrg())
    for (const [method, path] of [
      ['GET', ''],
      ['POST', ''],
      ['PUT', ''],
      ['DELETE', ''],
      ['POST', '/lifecycle/deactivate'],
    ] as const) {
      const answer = await other.call(method, `/api/v1/users/${id}${path}`, method === 'GET' ? undefined : {})
      expect([method, answer.status]).toEqual([method, 404])
    }
    expect((await other.call('GET', `/api/v1/users/${profile.login}`)).status).toBe(404)
    expect((await other.call('GET', '/api/v1/users?filter=status pr'.replaceAll(' ', '%20'))).status).toBe(400)
    expect((await other.call('GET', '/api/v1/users')).body).toEqual([])
    expect((await api.call<User>('GET', `/api/v1/users/${id}`)).body.status).toBe('PROVISIONED')
  })
})
