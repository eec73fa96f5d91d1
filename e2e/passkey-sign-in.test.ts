import { describe, expect, test } from 'vitest'
import { becomeMember, button, openStage, press, securityKey, syncedPasskeys, typeIdentifier } from './support/index.ts'

const stage = openStage()

describe('Signing in with a passkey', () => {
  test('works by the button, without a name, while autofill waits behind it', async () => {
    const { page, ceremonies, ...ada } = await becomeMember(stage, 'button@example.com')
    const from = ceremonies.entries.length
    await page.goto(`${stage.server.url}/sign-in`)
    await ceremonies.until({ mediation: 'conditional', outcome: 'open' }, from)
    await press({ page, ceremonies, ...ada }, ada.authenticator, button(page, 'Continue with a passkey'), 'confirm')
    await page.getByRole('heading', { name: 'Ada' }).waitFor()
    expect(page.url()).toBe(`${stage.server.url}/account`)
    expect(ceremonies.entries.slice(from).map(({ mediation, outcome }) => `${mediation} ${outcome}`)).toEqual([
      'conditional open',
      'conditional AbortError',
      'dialog open',
      'dialog ok',
    ])
    const [credential] = await ada.authenticator.credentials()
    expect(stage.server.audit().findLast(({ type }) => type === 'session.started')).toMatchObject({
      outcome: 'SUCCESS',
      details: { method: 'passkey', userVerified: true, credentialId: toBase64url(credential?.credentialId) },
    })
  })

  test('works from the autofill menu, without a press of anything', async () => {
    const { page, ceremonies, authenticator } = await becomeMember(stage, 'autofill@example.com')
    const from = ceremonies.entries.length
    await authenticator.behave('confirm')
    await page.goto(`${stage.server.url}/sign-in`)
    await page.getByText('autofill@example.com').waitFor()
    expect(page.url()).toBe(`${stage.server.url}/account`)
    expect(ceremonies.entries.slice(from).map(({ mediation }) => mediation)).toEqual(['conditional', 'conditional'])
    expect(stage.server.audit().findLast(({ type }) => type === 'session.started')?.details.method).toBe('passkey')
  })

  test('works for somebody who types their name first, and asks for their passkeys only', async () => {
    const ada = await becomeMember(stage, 'named@example.com')
    const { page } = ada
    await page.goto(`${stage.server.url}/sign-in`)
    await typeIdentifier(page, 'Named@Example.com')
    await page.getByRole('heading', { name: 'Sign in with your passkey' }).waitFor()
    const started = page.waitForResponse('**/passkey/start').then((response) => response.json())
    await press(ada, ada.authenticator, button(page, 'Use a passkey'), 'confirm')
    await page.getByRole('heading', { name: 'Ada' }).waitFor()
    const { publicKey } = await started
    const [credential] = await ada.authenticator.credentials()
    expect(publicKey.allowCredentials.map(({ id }: { id: string }) => id)).toEqual([
      toBase64url(credential?.credentialId),
    ])
  })

  test.each([
    ['a synced passkey', 'synced@example.com', syncedPasskeys, 'On your devices', '["swk","mfa"]'],
    ['a passkey of one device', 'bound@example.com', {}, 'On one device only', '["hwk","mfa"]'],
    ['a security key', 'key@example.com', securityKey, 'On a security key', '["hwk","mfa"]'],
  ])('tells %s from the others, on the account page and to the app', async (_, email, options, place, amr) => {
    const { server } = stage
    const ada = await becomeMember(stage, email, options)
    const { page } = ada
    await page.goto(`${server.demoUrl}/sign-in`)
    await press(ada, ada.authenticator, button(page, 'Continue with a passkey'), 'confirm')
    await page.getByRole('heading', { name: 'Hello, Ada' }).waitFor()
    const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'amr', exact: true }) })
    expect(await row.first().getByRole('cell').innerText()).toBe(amr)
    await page.goto(`${server.url}/account`)
    expect(await page.getByRole('listitem').filter({ hasText: place }).count()).toBe(1)
  })
})

const toBase64url = (base64 = '') => Buffer.from(base64, 'base64').toString('base64url')
