import { describe, expect, test } from 'vitest'
import {
  becomeMember,
  button,
  enrolPasskey,
  type Member,
  openStage,
  press,
  securityKey,
  signInByCode,
} from './support/index.ts'

const stage = openStage()

async function openAccount(member: Member): Promise<void> {
  await member.page.goto(`${stage.server.url}/sign-in`)
  await press(member, member.authenticator, button(member.page, 'Continue with a passkey'), 'confirm')
  await member.page.getByRole('heading', { name: 'Passkeys', exact: true }).waitFor()
}

const passkeys = ({ page }: Member) => page.getByRole('region', { name: 'Passkeys' }).getByRole('listitem')

describe('The account page', () => {
  test('renames a passkey, adds a second one, and removes the first after naming it', async () => {
    const ada = await becomeMember(stage, 'account@example.com')
    const { page } = ada
    await openAccount(ada)
    const [first] = await ada.authenticator.credentials()

    await page.getByText('Rename', { exact: true }).click()
    await page.getByLabel('Name', { exact: true }).fill('My laptop')
    await button(page, 'Save').click()
    await page.getByText('The name is changed.').waitFor()
    expect(await passkeys(ada).getByRole('heading', { name: 'My laptop' }).count()).toBe(1)

    const key = await ada.addAuthenticator(securityKey)
    await button(page, 'Add a passkey').click()
    await page.getByText('Your passkey is saved.').waitFor()
    expect(await passkeys(ada).count()).toBe(2)
    expect(await passkeys(ada).filter({ hasText: 'On a security key' }).count()).toBe(1)
    expect(await key.credentials()).toHaveLength(1)

    await page.getByRole('link', { name: 'Remove My laptop' }).click()
    await page.getByRole('heading', { name: 'Remove this passkey?' }).waitFor()
    expect(await page.getByText('You will not be able to sign in with “My laptop” any more.').count()).toBe(1)
    expect(await page.getByText('You still have one other passkey.').count()).toBe(1)
    await page.getByRole('link', { name: 'Keep it' }).click()
    await page.getByRole('link', { name: 'Remove My laptop' }).click()
    await button(page, 'Remove').click()
    await page.getByText('The passkey is removed.').waitFor()
    expect(await passkeys(ada).count()).toBe(1)

    const about = Buffer.from(first?.credentialId ?? '', 'base64').toString('base64url')
    const audit = stage.server.audit()
    expect(audit.findLast(({ type }) => type === 'passkey.removed')?.details.credentialId).toBe(about)
    expect(audit.findLast(({ type }) => type === 'passkey.renamed')?.details.credentialId).toBe(about)
  })

  test('lists the browsers that are signed in and ends the session of another', async () => {
    const ada = await becomeMember(stage, 'sessions@example.com')
    await openAccount(ada)
    const elsewhere = await stage.newPerson({
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0',
    })
    await signInByCode(elsewhere, stage.server, 'sessions@example.com', 'sessions@example.com')
    await elsewhere.page.getByRole('heading', { name: 'Passkeys', exact: true }).waitFor()

    await ada.page.reload()
    const sessions = ada.page.getByRole('region', { name: 'Where you are signed in' }).getByRole('listitem')
    expect(await sessions.count()).toBe(2)
    expect(await sessions.filter({ hasText: 'This browser' }).getByRole('button').count()).toBe(0)
    await button(ada.page, 'End session in Firefox on Linux').click()
    await ada.page.getByText('The session is ended.').waitFor()
    expect(await sessions.count()).toBe(1)

    await elsewhere.page.reload()
    await elsewhere.page.getByRole('heading', { name: 'Sign in to Latchkey' }).waitFor()
    expect(stage.server.audit().findLast(({ type }) => type === 'session.ended')?.outcome).toBe('SUCCESS')
  })
})

describe('A passkey that is not known here any more', () => {
  test('is explained where it is tried, and a code leads to a new one', async () => {
    const ada = await becomeMember(stage, 'forgotten@example.com')
    const { page, authenticator } = ada
    const elsewhere = await stage.newPerson()
    await signInByCode(elsewhere, stage.server, 'forgotten@example.com', 'forgotten@example.com')
    await elsewhere.page.getByRole('link', { name: /^Remove / }).click()
    expect(await elsewhere.page.getByText('It is your only passkey').count()).toBe(1)
    await button(elsewhere.page, 'Remove').click()
    await elsewhere.page.getByText('The passkey is removed.').waitFor()

    ada.expectRefusal(401)
    const [stale] = await authenticator.credentials()
    await page.goto(`${stage.server.url}/sign-in`)
    await press(ada, authenticator, button(page, 'Continue with a passkey'), 'confirm')
    await page.getByRole('alert').filter({ hasText: 'not linked to an account here any more' }).waitFor()
    expect(stage.server.audit().findLast(({ type }) => type === 'passkey.refused')).toMatchObject({
      reason: 'passkey_not_recognised',
      details: { credentialId: Buffer.from(stale?.credentialId ?? '', 'base64').toString('base64url') },
    })

    await signInByCode(ada, stage.server, 'forgotten@example.com', 'forgotten@example.com')
    await page.getByRole('heading', { name: 'Sign in faster next time' }).waitFor()
    await authenticator.behave('confirm')
    await enrolPasskey(ada)
    await page.getByRole('heading', { name: 'Passkeys', exact: true }).waitFor()
    expect(await passkeys(ada).count()).toBe(1)
  })
})
