import { describe, expect, test } from 'vitest'
import { becomeMember, button, openStage, press } from './support/index.ts'

const stage = openStage()

describe('WebAuthn §7.2 Verifying an authentication assertion', () => {
  test.each([
    ['a signature that is wrong', 'signature@example.com', { isBogusSignature: true }, 'signature_invalid'],
    ['no user present', 'presence@example.com', { isBadUP: true }, 'user_not_present'],
    ['no user verified', 'verification@example.com', { isBadUV: true }, 'user_not_verified'],
  ])('refuses an answer with %s, says so and signs nobody in', async (_, email, bits, reason) => {
    const { server } = stage
    const ada = await becomeMember(stage, email)
    const { page, authenticator } = ada
    ada.expectRefusal(401)
    const sessions = countSessions()
    await page.goto(`${server.url}/sign-in`)
    await authenticator.tamper(bits)
    await press(ada, authenticator, button(page, 'Continue with a passkey'), 'confirm')
    await page.getByRole('alert').filter({ hasText: 'This passkey could not be checked' }).waitFor()
    expect(await page.title()).toMatch(/^Error: /)
    expect(server.audit().findLast(({ type }) => type === 'passkey.refused')).toMatchObject({
      outcome: 'FAILURE',
      reason: 'passkey_refused',
      details: { reason },
    })
    expect(countSessions()).toBe(sessions)
    await page.goto(`${server.url}/account`)
    await page.getByRole('heading', { name: 'Sign in to Latchkey' }).waitFor()
  })

  const countSessions = () => stage.server.audit().filter(({ type }) => type === 'session.started').length
})

describe('Somebody who closes the dialog', () => {
  test('keeps what they typed, is not told off, is shown another way the second time, and can still sign in', async () => {
    const ada = await becomeMember(stage, 'hesitant@example.com')
    const { page, ceremonies, authenticator } = ada
    await page.goto(`${stage.server.url}/sign-in`)
    await page.getByLabel('Email or username').fill('hesitant@exa')
    const passkey = button(page, 'Continue with a passkey')
    const suggestion = page.getByText('No passkey at hand?')

    const first = ceremonies.entries.length
    await press(ada, authenticator, passkey, 'decline')
    const declined = await ceremonies.until({ mediation: 'dialog', outcome: 'NotAllowedError' }, first)
    await ceremonies.until({ mediation: 'conditional', outcome: 'open' }, declined)
    expect(await page.getByRole('alert').innerText()).toBe('')
    expect(await suggestion.count()).toBe(0)
    expect(await page.getByLabel('Email or username').inputValue()).toBe('hesitant@exa')

    await press(ada, authenticator, passkey, 'decline')
    await suggestion.waitFor()
    expect(await page.getByLabel('Email or username').inputValue()).toBe('hesitant@exa')

    await press(ada, authenticator, passkey, 'confirm')
    await page.getByRole('heading', { name: 'Ada' }).waitFor()
    expect(stage.server.audit().filter(({ type }) => type === 'passkey.refused')).not.toContainEqual(
      expect.objectContaining({
        userId: stage.server.audit().findLast(({ type }) => type === 'session.started')?.userId,
      }),
    )
  })
})

describe('A page that was left open', () => {
  test('renews its challenge before it dies, and the fresh one signs in', async () => {
    const { page, ceremonies, authenticator } = await becomeMember(stage, 'patient@example.com')
    const from = ceremonies.entries.length
    const started: string[] = []
    await page.route('**/passkey/start', async (route) => {
      const response = await route.fetch()
      started.push((await response.json()).ceremony)
      await route.fulfill({ response })
    })
    const finished = page.waitForRequest('**/passkey/finish')
    await page.clock.install()
    await page.goto(`${stage.server.url}/sign-in`)
    const armed = await ceremonies.until({ mediation: 'conditional', outcome: 'open' }, from)
    await authenticator.behave('confirm')
    await page.clock.fastForward('05:00')
    await ceremonies.until({ mediation: 'conditional', outcome: 'AbortError' }, armed)
    await page.getByText('patient@example.com').waitFor()
    expect(page.url()).toBe(`${stage.server.url}/account`)
    expect(started).toHaveLength(2)
    expect((await finished).postDataJSON().ceremony).toBe(started[1])
  })
})
