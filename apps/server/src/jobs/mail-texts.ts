import type { MailOrder } from '../directory/index.ts'

type Text = { subject: string; body: readonly string[] }

/** The words of each mail. Values are put in as they are: mail is plain text, and nothing in it is a link to follow. */
const texts: Record<MailOrder['template'], (value: (name: string) => string) => Text> = {
  'email-code': (value) => ({
    subject: `${value('code')} is your code for ${value('org')}`,
    body: [
      `Your code is ${value('code')}`,
      'Type it on the page that asked for it. Nobody from us will ever ask you for it.',
      'If you did not ask for a code, somebody typed your address by mistake, and you need not do anything.',
    ],
  }),
  'passkey-added': (value) => ({
    subject: `A passkey was added to your ${value('org')} account`,
    body: [
      `The passkey "${value('name')}" can now be used to sign in to your account.`,
      'If that was not you, sign in, remove the passkey from your account and end the sessions that you do not know.',
    ],
  }),
  'passkey-removed': (value) => ({
    subject: `A passkey was removed from your ${value('org')} account`,
    body: [
      `The passkey "${value('name')}" can no longer be used to sign in to your account.`,
      'If that was not you, sign in, look at the passkeys of your account and end the sessions that you do not know.',
    ],
  }),
  'passkey-renamed': (value) => ({
    subject: `A passkey of your ${value('org')} account was renamed`,
    body: [
      `A passkey of your account is now called "${value('name')}".`,
      'If that was not you, sign in, look at the passkeys of your account and end the sessions that you do not know.',
    ],
  }),
}

/** Writes the mail that somebody ordered. */
export function composeMail({ template, values }: MailOrder): { subject: string; text: string } {
  const { subject, body } = texts[template]((name) => withoutControls(values[name] ?? ''))
  return { subject, text: `${body.join('\n\n')}\n` }
}

/** A line break in a value must not begin a header or a line of its own. */
function withoutControls(value: string): string {
  return value.replaceAll(/\p{Cc}+/gu, ' ')
}
