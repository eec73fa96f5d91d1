import { findAuthenticatorName } from './authenticator-names.ts'
import { plainForm } from './form.ts'
import { html } from './html.ts'
import { layout } from './layout.ts'
import { translate, type Words } from './messages/index.ts'
import { notices } from './notices.ts'
import type { FormPageData } from './page.ts'
import { type AccountPasskey, isSecurityKey } from './passkey-card.ts'

export type RemovePasskeyPageData = FormPageData & {
  readonly passkey: AccountPasskey
  /** How many others there are. */
  readonly remaining: number
  /** False where it is the only way in. */
  readonly canRemove: boolean
}

/** Names the passkey, says what remains, and that it is to be deleted at its provider too. */
export function removePasskeyPage(data: RemovePasskeyPageData): string {
  const words = translate(data.locale)
  const { t, rich } = words
  const { passkey, remaining, canRemove } = data
  const path = `/account/passkeys/${encodeURIComponent(passkey.id)}/remove`
  const remains = canRemove ? t('remove.remains', { count: remaining }) : t('remove.last_refused')
  const main = html`<h1>${t('remove.title')}</h1>
<p class="lead">${rich('remove.body', { name: html`<strong>${passkey.name}</strong>` })}</p>
${notices(words, data.brand, data.messages)}
<ul class="points"><li>${remains}</li>${canRemove && html`<li>${alsoDelete(passkey, words)}</li>`}</ul>
<div class="pair"><a class="button secondary" href="/account">${t('remove.keep')}</a>${canRemove && plainForm(data, path, html`<button class="danger">${t('remove.confirm')}</button>`)}</div>`
  return layout(data, words, { title: t('remove.title'), main })
}

function alsoDelete(passkey: AccountPasskey, { t }: Words): string {
  if (isSecurityKey(passkey)) return t('remove.also_delete_key')
  const provider = findAuthenticatorName(passkey.aaguid)
  return provider ? t('remove.also_delete', { provider }) : t('remove.also_delete_plain')
}
