import { describe, expect, test } from 'vitest'
import { becomeMember, button, freePort, openStage, type Person, press, startApp } from './support/index.ts'

const ports = { shop: await freePort(), desk: await freePort(), stranger: await freePort() }

const app = (id: keyof typeof ports, more: object = {}) => ({
  client_id: id,
  client_name: `The ${id}`,
  token_endpoint_auth_method: 'none',
  redirect_uris: [`http://localhost:${ports[id]}/callback`],
  ...more,
})
const stage = openStage({
  origins: Object.values(ports).map((port) => `http://localhost:${port}`),
  blueprint: {
    orgs: [
      {
        id: 'default',
        name: 'Acme',
        clients: [
          app('shop'),
          app('desk', {
            token_endpoint_auth_method: 'client_secret_basic',
            client_secret: 'desk-secret-of-32-characters-or-so',
          }),
          app('stranger', { consent: 'required', grant_types: ['authorization_code', 'refresh_token'] }),
        ],
      },
    ],
  },
})

/** Which pages of ours a person had to see. */
function watchPages({ page }: Person): string[] {
  const seen: string[] = []
  page.on('framenavigated', (frame) => {
    const { origin, pathname } = new URL(frame.url())
    if (origin === stage.server.url) seen.push(pathname)
  })
  return seen
}

const count = (type: string) => stage.server.audit().filter((event) => event.type === type).length

describe('One sign-in for many apps', () => {
  test('opens the apps of two issuers without another question, and signing out of one ends it for all', async () => {
    const { server } = stage
    const shop = await startApp({ issuer: `${server.url}/oauth2/default`, clientId: 'shop', port: ports.shop })
    const desk = await startApp({
      issuer: server.url,
      clientId: 'desk',
      clientSecret: 'desk-secret-of-32-characters-or-so',
      port: ports.desk,
    })
    const ada = await becomeMember(stage, 'apps@example.com')
    const { page, authenticator } = ada

    await page.goto(`${server.demoUrl}/sign-in`)
    await press(ada, authenticator, button(page, 'Continue with a passkey'), 'confirm')
    await page.getByRole('heading', { name: 'Hello, Ada' }).waitFor()
    const sessions = count('session.started')

    const seen = watchPages(ada)
    for (const { url } of [shop, desk]) {
      await page.goto(`${url}/sign-in`)
      await page.getByRole('heading', { name: 'Signed in: apps@example.com' }).waitFor()
    }
    expect(seen).toEqual([])
    expect(count('session.started')).toBe(sessions)

    await page.goto(server.demoUrl)
    await button(page, 'Sign out').click()
    await page.getByRole('heading', { name: 'Sign in with a passkey' }).waitFor()
    for (const { url } of [shop, desk]) {
      await page.goto(`${url}/sign-in?prompt=none`)
      await page.getByRole('heading', { name: 'Not signed in: login_required' }).waitFor()
    }
    await page.goto(`${shop.url}/sign-in`)
    await page.getByText('to continue to The shop').waitFor()
    expect(server.audit().findLast(({ type }) => type === 'session.ended')?.clientId).toBe('demo')
  })

  test('asks again for who must prove themselves anew', async () => {
    const shop = await startApp({ issuer: `${stage.server.url}/oauth2/default`, clientId: 'shop', port: ports.shop })
    const ada = await becomeMember(stage, 'again@example.com')
    const { page, authenticator } = ada
    await page.goto(`${shop.url}/sign-in`)
    await press(ada, authenticator, button(page, 'Continue with a passkey'), 'confirm')
    await page.getByRole('heading', { name: 'Signed in: again@example.com' }).waitFor()
    await page.goto(`${shop.url}/sign-in?prompt=login`)
    await page.getByRole('heading', { name: 'Sign in with your passkey' }).waitFor()
    expect(await page.getByText('again@example.com', { exact: true }).count()).toBe(1)
    await press(ada, authenticator, button(page, 'Use a passkey'), 'confirm')
    await page.getByRole('heading', { name: 'Signed in: again@example.com' }).waitFor()
    expect(count('session.strengthened')).toBe(1)
    const [first, second] = shop.answers.map((answer) => (answer.ok ? answer.tokens.claims() : undefined))
    expect(second?.sub).toBe(first?.sub)
    expect(Number(second?.auth_time)).toBeGreaterThanOrEqual(Number(first?.auth_time))
  })

  test('goes back to the app that the person does not want after all', async () => {
    const shop = await startApp({ issuer: `${stage.server.url}/oauth2/default`, clientId: 'shop', port: ports.shop })
    const { page } = await stage.newPerson()
    await page.goto(`${shop.url}/sign-in`)
    await button(page, 'Back to The shop').click()
    await page.getByRole('heading', { name: 'Not signed in: access_denied' }).waitFor()
    expect(page.url()).toMatch(`${shop.url}/callback?`)
  })
})

describe('Consent', () => {
  test('is asked of the person once, may be denied, and is asked again for more', async () => {
    const { server } = stage
    const stranger = await startApp({
      issuer: `${server.url}/oauth2/default`,
      clientId: 'stranger',
      port: ports.stranger,
    })
    const ada = await becomeMember(stage, 'consent@example.com')
    const { page, authenticator } = ada
    const heading = page.getByRole('heading', { name: 'The stranger wants to use your Acme account' })

    await page.goto(`${stranger.url}/sign-in`)
    await press(ada, authenticator, button(page, 'Continue with a passkey'), 'confirm')
    await heading.waitFor()
    expect(await page.getByRole('listitem').allInnerTexts()).toEqual([
      'See your name and profile',
      'See your email address',
    ])
    await button(page, 'Deny').click()
    await page.getByRole('heading', { name: 'Not signed in: access_denied' }).waitFor()
    expect(server.audit().findLast(({ type }) => type === 'consent.denied')?.clientId).toBe('stranger')

    await page.goto(`${stranger.url}/sign-in`)
    await heading.waitFor()
    await button(page, 'Allow').click()
    await page.getByRole('heading', { name: 'Signed in: consent@example.com' }).waitFor()
    expect(count('consent.given')).toBe(1)

    const seen = watchPages(ada)
    await page.goto(`${stranger.url}/sign-in`)
    await page.getByRole('heading', { name: 'Signed in: consent@example.com' }).waitFor()
    expect(seen).toEqual([])

    const more = `${stranger.url}/sign-in?scope=${encodeURIComponent('openid email offline_access')}`
    await page.goto(`${more}&prompt=none`)
    await page.getByRole('heading', { name: 'Not signed in: consent_required' }).waitFor()
    await page.goto(more)
    await heading.waitFor()
    expect(await page.getByRole('listitem').allInnerTexts()).toContain('Keep this access while you are away')
    await button(page, 'Allow').click()
    await page.getByRole('heading', { name: 'Signed in: consent@example.com' }).waitFor()
    expect(count('consent.given')).toBe(2)
  })
})
