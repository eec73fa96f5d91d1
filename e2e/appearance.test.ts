import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import {
  becomeMember,
  button,
  chooseWay,
  findViolations,
  freePort,
  openStage,
  type Person,
  photograph,
  press,
  proveAddress,
  startApp,
  typeIdentifier,
  widthOverflow,
} from './support/index.ts'

const port = await freePort()
const app = `http://localhost:${port}`
const stage = openStage({
  origins: [app],
  blueprint: {
    orgs: [
      {
        id: 'default',
        name: 'Latchkey',
        clients: [
          {
            client_id: 'calendar',
            client_name: 'Calendar',
            consent: 'required',
            token_endpoint_auth_method: 'none',
            redirect_uris: [`${app}/callback`],
          },
        ],
        users: [
          { login: 'kim@example.com', email: 'kim@example.com', firstName: 'Kim', emailVerified: true },
          { login: 'lou', email: 'lou@example.com', firstName: 'Lou', password: 'eleven green doors' },
        ],
      },
    ],
  },
})

const desktop = { width: 1280, height: 800 }
const smallest = { width: 320, height: 640 }
const settings = [
  ['light', desktop],
  ['dark', desktop],
  ['light', smallest],
  ['dark', smallest],
] as const

/** Looks at the page that is open as everybody sees it: axe finds nothing, and nothing needs scrolling sideways. */
async function inspect(page: Page, name: string): Promise<void> {
  for (const [colorScheme, viewport] of settings) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize(viewport)
    const shown = `${name}-${colorScheme}-${viewport.width}`
    expect.soft(await findViolations(page), shown).toEqual([])
    expect.soft(await widthOverflow(page), shown).toBeLessThanOrEqual(0)
    await photograph(page, shown)
  }
  await page.setViewportSize(desktop)
}

async function heading(page: Page, name: string): Promise<void> {
  await page.getByRole('heading', { name }).waitFor()
}

describe('WCAG 2.2 AA, in light and dark, down to 320 pixels', () => {
  test('holds for the pages on the way to an account', async () => {
    const { server } = stage
    const ada = await stage.newPerson()
    ada.expectRefusal(400)
    const { page } = ada
    await ada.addAuthenticator()
    await page.goto(server.url)
    await inspect(page, 'home')
    await page.goto(`${server.url}/sign-up`)
    await inspect(page, 'sign-up')
    await page.getByLabel('Email').fill('ada..lovelace@example.com')
    await button(page, 'Continue').click()
    await page.getByText('This does not look like an email address').waitFor()
    await inspect(page, 'sign-up-error')
    await page.getByLabel('Email').fill('ada@example.com')
    await page.getByLabel('First name').fill('Ada')
    await button(page, 'Continue').click()
    await heading(page, 'Check your email')
    await inspect(page, 'code')
    await proveAddress(ada, server, 'ada@example.com')
    await heading(page, 'Create a passkey')
    await inspect(page, 'enrol')
    await button(page, 'Not now').click()
    await heading(page, 'You have no passkey yet')
    await inspect(page, 'account-empty')
    await button(page, 'Create a passkey').click()
    await page.getByText('Your passkey is saved').waitFor()
    await page.getByText('Rename', { exact: true }).click()
    await inspect(page, 'account')
    await page.getByRole('link', { name: /^Remove / }).click()
    await heading(page, 'Remove this passkey?')
    await inspect(page, 'remove')
    await page.goto(`${server.url}/oauth2/v1/logout`)
    await heading(page, 'Sign out?')
    await inspect(page, 'sign-out')
    await button(page, 'Sign out').click()
    await heading(page, 'You are signed out')
    await inspect(page, 'signed-out')
  })

  test('holds for the pages of signing in', async () => {
    const { server } = stage
    const lou = await stage.newPerson()
    lou.expectRefusal(401)
    const { page } = lou
    const authenticator = await lou.addAuthenticator({}, 'wait')
    await page.goto(`${server.demoUrl}/sign-in`)
    await page.getByText('to continue to Demo app').waitFor()
    await inspect(page, 'sign-in')
    await press(lou, authenticator, button(page, 'Continue with a passkey'), 'decline')
    await press(lou, authenticator, button(page, 'Continue with a passkey'), 'decline')
    await page.getByText('No passkey at hand?').waitFor()
    await inspect(page, 'sign-in-cancelled')
    await typeIdentifier(page, 'lou')
    await heading(page, 'Sign in with your passkey')
    await inspect(page, 'passkey')
    await page.getByText('Try another way').click()
    await page.getByText('What is a passkey?').click()
    await inspect(page, 'passkey-ways')
    await page.getByRole('button', { name: /Get a code by email/ }).click()
    await heading(page, 'Check your email')
    await inspect(page, 'code')
    await page.getByText('Try another way').click()
    await page.getByRole('button', { name: /Use your password/ }).click()
    await heading(page, 'Enter your password')
    await inspect(page, 'password')
    await page.getByLabel('Password', { exact: true }).fill('wrong')
    await button(page, 'Continue').click()
    await page.getByText('The email or password is not right.').waitFor()
    await inspect(page, 'password-error')
    await page.getByLabel('Password', { exact: true }).fill('eleven green doors')
    await button(page, 'Continue').click()
    await heading(page, 'Sign in faster next time')
    await inspect(page, 'offer')
    await button(page, 'Not now').click()
    await heading(page, 'Hello, Lou')
    await inspect(page, 'demo-signed-in')
  })

  test('holds for the pages beside the way', async () => {
    const { server } = stage
    const kim = await stage.newPerson()
    for (const status of [400, 401, 404]) kim.expectRefusal(status)
    const { page } = kim
    await page.goto(`${server.url}/dev/mail/none`)
    await heading(page, 'Page not found')
    await inspect(page, 'not-found')
    await page.goto(`${server.url}/sign-in/02.${'a'.repeat(43)}`)
    await heading(page, 'This page has expired')
    await inspect(page, 'expired')
    await page.goto(`${server.url}/oauth2/default/v1/authorize?client_id=nobody`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await inspect(page, 'authorize-error')
    await page.goto(`${server.url}/setup`)
    await inspect(page, 'setup')
    await page.getByLabel('Set-up code').fill('WRONG')
    await button(page, 'Continue').click()
    await page.getByText('This code is not right.').waitFor()
    await inspect(page, 'setup-error')
    await chooseWay(kim, server, 'kim@example.com', /Get a code by email/)
    await server.mail.code('kim@example.com')
    await page.goto(`${server.url}/dev/mail`)
    await inspect(page, 'mailbox')
    await page.getByRole('link', { name: /code/ }).first().click()
    await page.getByRole('link', { name: 'All mail' }).waitFor()
    await inspect(page, 'mail')
    await page.goto(server.demoUrl)
    await inspect(page, 'demo')
    await page.goto(`${server.demoUrl}/callback?code=planted&state=planted`)
    await inspect(page, 'demo-error')
  })

  test('holds for consent', async () => {
    const calendar = await startApp({ issuer: `${stage.server.url}/oauth2/default`, clientId: 'calendar', port })
    const ada = await becomeMember(stage, 'consent@example.com')
    const { page } = ada
    await page.goto(`${calendar.url}/sign-in`)
    await press(ada, ada.authenticator, button(page, 'Continue with a passkey'), 'confirm')
    await heading(page, 'Calendar wants to use your Latchkey account')
    await inspect(page, 'consent')
    expect(calendar.answers).toEqual([])
  })
})

describe('The keyboard alone', () => {
  /** Goes on with Tab until the focus is on what is named, and sees it at every stop. */
  async function tabTo({ page }: Person, name: string): Promise<void> {
    for (let stops = 0; stops < 30; stops += 1) {
      const focus = await page.evaluate(focusSeen)
      if (focus.name.includes(name)) {
        expect(focus.isSeen, `the focus on ${focus.name}`).toBe(true)
        return
      }
      await page.keyboard.press('Tab')
    }
    expect.fail(`Tab does not lead to ${name}`)
  }

  test('is enough to create an account, and the focus is seen at every stop', async () => {
    const ada = await stage.newPerson()
    const { page } = ada
    await ada.addAuthenticator()
    await page.goto(stage.server.demoUrl)
    await tabTo(ada, 'Create an account')
    await page.keyboard.press('Enter')
    await heading(page, 'Create your account')
    await tabTo(ada, 'identifier')
    await page.keyboard.type('keys@example.com')
    await tabTo(ada, 'firstName')
    await page.keyboard.type('Keya')
    await tabTo(ada, 'Continue')
    await page.keyboard.press('Enter')
    await heading(page, 'Check your email')
    await tabTo(ada, 'code')
    await page.keyboard.type(await stage.server.mail.code('keys@example.com'))
    await page.keyboard.press('Enter')
    await heading(page, 'Create a passkey')
    await tabTo(ada, 'Create a passkey')
    await page.keyboard.press('Enter')
    await heading(page, 'Hello, Keya')
  })
})

/** Runs in the page: what has the focus, and whether an outline or a shadow shows it. */
function focusSeen(): { name: string; isSeen: boolean } {
  const { activeElement } = document
  if (!(activeElement instanceof HTMLElement) || activeElement === document.body) return { name: '', isSeen: false }
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(activeElement)
  const isSeen = (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0) || boxShadow !== 'none'
  return { name: activeElement.getAttribute('name') ?? activeElement.innerText, isSeen }
}
