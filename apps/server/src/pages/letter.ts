import { type MessageKey, translate } from './messages/index.ts'

/** The mail that people get. Values are put in as they are: mail is plain text, and nothing in it is a link to follow. */
const LETTERS = {
  'email-code': ['letter.email_code_subject', 'letter.email_code_body'],
  'passkey-added': ['letter.passkey_added_subject', 'letter.passkey_added_body'],
  'passkey-removed': ['letter.passkey_removed_subject', 'letter.passkey_removed_body'],
  'passkey-renamed': ['letter.passkey_renamed_subject', 'letter.passkey_renamed_body'],
} as const satisfies Readonly<Record<string, readonly [subject: MessageKey, body: MessageKey]>>

export type LetterName = keyof typeof LETTERS

/** Writes a mail in plain text. A value that is missing stays empty. */
export function writeLetter(
  locale: string,
  name: LetterName,
  values: Readonly<Record<string, string>>,
): { subject: string; text: string } {
  const { t } = translate(locale)
  const [subject, body] = LETTERS[name]
  const given = { code: '', org: '', name: '', ...withoutControls(values) }
  return { subject: t(subject, given), text: `${t(body, given)}\n` }
}

/** A line break in a value must not begin a header or a line of its own. */
function withoutControls(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value.replaceAll(/\p{Cc}+/gu, ' ')]))
}
