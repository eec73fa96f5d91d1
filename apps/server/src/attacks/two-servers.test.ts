import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createAuthenticator } from '@latchkey/webauthn/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../platform/database/testing.ts'
import { addPasskeyInBrowser, type Browser } from '../testing/index.ts'
import { type App, appOf, type Tokens } from './testing/app.ts'
import { type Cluster, mailedCode, newCluster, type ServerProcess } from './testing/server.ts'

const [, postgres] = databases
const declare = postgres?.isAvailable ? describe : describe.skip

const redirectUri = 'https://app.example/callback'
const blueprint = (changes: object = {}) => ({
  orgs: [
    {
      id: 'default',
      clients: [
        {
          client_id: 'app',
          client_name: 'App',
          application_type: 'browser',
          redirect_uris: [redirectUri],
          post_logout_redirect_uris: ['https://app.example/'],
          grant_types: ['authorization_code', 'refresh_token'],
          token_endpoint_auth_method: 'none',
          ...changes,
        },
      ],
      users: [
        { login: 'ada@example.com', email: 'ada@example.com', firstName: 'Ada', lastName: 'B', emailVerified: true },
      ],
    },
  ],
})

declare('Two servers on one PostgreSQL', () => {
  let cluster: Cluster
  let a: ServerProcess
  let b: ServerProcess
  let app: App
  const authenticator = createAuthenticator()
  beforeAll(async () => {
    if (!postgres) throw new Error('There is no PostgreSQL')
    cluster = await newCluster(await postgres.create())
    await apply(blueprint())
    ;[a, b] = await Promise.all([cluster.start(), cluster.start()])
    app = appOf({ id: 'app', redirectUris: [redirectUri] })
  }, 90_000)
  afterAll(() => cluster?.close())

  const apply = async (content: object) => {
    const file = join(cluster.environment.LATCHKEY_DATA ?? '', 'blueprint.json')
    writeFileSync(file, JSON.stringify(content))
    expect(await cluster.run('apply', file)).toEqual({ code: 0, output: expect.stringMatching(/^default: /) })
  }

  /** One person's browser behind a load balancer: the same cookies, whichever server a request comes to. */
  const balanced = () => {
    const [first, second] = [a.browser(), b.browser()]
    const sync = (from: Browser, to: Browser) => {
      to.cookies.clear()
      for (const [name, value] of from.cookies) to.cookies.set(name, value)
    }
    return {
      onA: async <T>(act: (browser: Browser) => Promise<T>) => {
        sync(second, first)
        const done = await act(first)
        sync(first, second)
        return done
      },
      onB: async <T>(act: (browser: Browser) => Promise<T>) => {
        sync(first, second)
        const done = await act(second)
        sync(second, first)
        return done
      },
    }
  }

  test('serve one sign-up and enrolment half and half', async () => {
    const { onA, onB } = balanced()
    const page = await onA((browser) => browser.open('/sign-in'))
    await onB((browser) => browser.open(page.path))
    await onB((browser) => browser.submit('/identify', { identifier: 'ada@example.com' }))
    await onA((browser) => browser.open(page.path))
    await onA((browser) => browser.submit('/select', { step: 'code' }))
    await onB((browser) => browser.open(page.path))
    await onB((browser) => browser.submit('/send-code'))
    const code = await mailedCode(b.browser(), 'ada@example.com')
    await onA((browser) => browser.open(page.path))
    const enrolment = await onA((browser) => browser.submit('/code', { code }))
    expect(enrolment.page.script?.ceremony).toBe('register')
    await onB((browser) => browser.open(page.path))
    await onB((browser) => addPasskeyInBrowser(browser, authenticator))
    expect((await onA((browser) => browser.open('/account'))).page.heading).not.toBe('')
    expect((await onA((browser) => browser.request('GET', '/account'))).status).toBe(200)
  })

  test('serve one sign-in to an app half and half: every step on the other server', async () => {
    const { onA, onB } = balanced()
    const page = await onA((browser) => browser.open(app.authorizePath()))
    expect(page.status).toBe(200)
    const shown = await onB((browser) => browser.open(page.path))
    const { start = '', finish = '' } = shown.page.script ?? {}
    await onA((browser) => browser.open(page.path))
    const started = await onA((browser) => browser.json(start, { mode: 'button' }))
    const { ceremony, publicKey } = started.json<{ ceremony: string; publicKey: { rpId: string; challenge: string } }>()
    const response = authenticator.get(publicKey, { origin: cluster.url })
    const finished = await onB((browser) => browser.json(finish, { ceremony, response }))
    expect(finished.status).toBe(200)
    // The challenge was answered: the other server knows.
    expect((await onA((browser) => browser.json(finish, { ceremony, response }))).status).toBeGreaterThanOrEqual(400)
    const consent = await onA((browser) => browser.open(finished.json<{ next: string }>().next))
    const granted = consent.location
      ? consent
      : await onA((browser) => browser.submit('/consent', { decision: 'allow' }))
    const code = URL.parse(granted.location ?? '')?.searchParams.get('code') ?? ''
    expect(code).not.toBe('')

    const tokens = (await app.redeem(b.browser(), code)).json<Tokens>()
    expect((await app.userinfo(a.browser(), tokens.access_token)).json()).toMatchObject({ email: 'ada@example.com' })
    const renewed = (await app.refresh(b.browser(), tokens.refresh_token)).json<Tokens>()
    expect((await app.userinfo(b.browser(), renewed.access_token)).status).toBe(200)
    // The code again, at the other server: what it gave is revoked on both.
    expect((await app.redeem(a.browser(), code)).error).toBe('code_reused')
    expect((await app.userinfo(b.browser(), renewed.access_token)).error).toBe('token_revoked')

    const out = await onB((browser) =>
      browser.request(
        'GET',
        `${app.base}/logout?id_token_hint=${tokens.id_token}&post_logout_redirect_uri=https://app.example/`,
      ),
    )
    expect([out.status, out.location]).toEqual([303, 'https://app.example/'])
    expect((await onA((browser) => browser.request('GET', app.authorizePath({ prompt: 'none' })))).location).toContain(
      'login_required',
    )
  })

  test('agree on limits: ten tries are five on each', async () => {
    // A sign-in of its own at each server, for one and the same person.
    const tries = await Promise.all(
      [a.browser(), b.browser()].map(async (browser) => {
        const { path } = await browser.open('/sign-in')
        await browser.submit('/identify', { identifier: 'limited@example.com' })
        return async () =>
          (await browser.post(`${path}/password`, { csrf: browser.at.page.csrf, password: 'wrong' })).error
      }),
    )
    const answers: (string | undefined)[] = []
    for (let round = 0; round < 6; round += 1) for (const attempt of tries) answers.push(await attempt())
    expect(answers).toEqual([...Array(10).fill('password_incorrect'), 'too_many_attempts', 'too_many_attempts'])
  })

  test('of fifty answers to one challenge at both at once, one counts', async () => {
    const { onA } = balanced()
    const page = await onA((browser) => browser.open('/sign-in'))
    const { start = '', finish = '' } = page.page.script ?? {}
    const { ceremony, publicKey } = (await onA((browser) => browser.json(start, { mode: 'button' }))).json<{
      ceremony: string
      publicKey: { rpId: string; challenge: string }
    }>()
    const response = authenticator.get(publicKey, { origin: cluster.url })
    const browsers = await onA(async (browser) =>
      Array.from({ length: 50 }, (_, index) => {
        const one = (index % 2 === 0 ? a : b).browser()
        for (const [name, value] of browser.cookies) one.cookies.set(name, value)
        return one
      }),
    )
    const answers = await Promise.all(
      browsers.map((one) => one.json(finish, { ceremony, response }, { 'x-csrf-token': page.page.csrf })),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status >= 500)).toEqual([])
  })

  test('see a blueprint that a third process applies at their next request', async () => {
    const asks = async () =>
      await Promise.all(
        [a, b].map(
          async (server) => (await server.browser().request('GET', app.authorizePath({ prompt: 'none' }))).error,
        ),
      )
    expect(await asks()).toEqual(['login_required', 'login_required'])
    await apply(blueprint({ redirect_uris: ['https://moved.example/callback'] }))
    expect(await asks()).toEqual(['redirect_uri_not_registered', 'redirect_uri_not_registered'])
    await apply(blueprint())
    expect(await asks()).toEqual(['login_required', 'login_required'])
  })

  test('see keys that a third process rotates at their next request, and verify what the old one signed', async () => {
    const kids = async () =>
      await Promise.all(
        [a, b].map(async (server) => {
          const { keys } = (await server.browser().request('GET', `${app.base}/keys`)).json<{
            keys: { kid: string }[]
          }>()
          return keys.map(({ kid }) => kid).toSorted()
        }),
      )
    const [before = [], same] = await kids()
    expect(same).toEqual(before)
    const rotated = await cluster.run('rotate-keys', '--now')
    expect(rotated).toEqual({ code: 0, output: expect.any(String) })
    const [after = [], alike] = await kids()
    expect(alike).toEqual(after)
    expect(after).not.toEqual(before)
  })
})
