import { findAuthenticatorName } from './authenticator-names.ts'
import { plainForm } from './form.ts'
import { attributes, type Html, html } from './html.ts'
import { icon } from './icons.ts'
import type { Words } from './messages/index.ts'
import type { FormPageData } from './page.ts'

/** A passkey as its owner sees it. Plain facts; the words for them are chosen here. */
export type AccountPasskey = {
  readonly id: string
  readonly name: string
  readonly aaguid?: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly lastUsedAt?: number
  /** Where it was last used, in words, for example "Chrome on Windows". */
  readonly lastUsedOn?: string
  readonly backupEligible: boolean
  readonly backedUp: boolean
  readonly transports: readonly string[]
  /** The session that looks at the page was opened with it. */
  readonly isThisDevice?: boolean
  /** Made by the browser without a dialog, after a password. */
  readonly createdAutomatically?: boolean
}

/** Whether it lives on something that is carried and plugged in or tapped. */
export function isSecurityKey({ backupEligible, transports }: AccountPasskey): boolean {
  return !backupEligible && transports.some(isCarried) && !transports.includes('internal')
}

const isCarried = (transport: string) => ['usb', 'nfc', 'ble', 'smart-card'].includes(transport)

/** One passkey: what it is called, where it lives, when it was used, and what can be done with it. */
export function passkeyCard(data: FormPageData, words: Words, passkey: AccountPasskey): Html {
  const { t } = words
  const { name } = passkey
  const picture = isSecurityKey(passkey) ? 'key' : passkey.backedUp ? 'passkey' : 'device'
  const path = `/account/passkeys/${encodeURIComponent(passkey.id)}`
  return html`<li class="item">${icon(picture)}<div class="item-body"><h3>${name}</h3>${passkey.isThisDevice && html`<span class="badge">${t('account.this_device')}</span>`}<p class="hint">${place(passkey, words)}</p><p class="hint">${history(passkey, words)}</p></div><div class="item-actions"><details class="rename"><summary aria-label="${t('account.rename_label', { name })}">${t('account.rename')}</summary>${renameForm(data, words, passkey, `${path}/rename`)}</details><a href="${path}/remove" aria-label="${t('account.remove_label', { name })}">${t('account.remove')}</a></div></li>`
}

function renameForm(data: FormPageData, { t }: Words, passkey: AccountPasskey, path: string): Html {
  const id = `name-${passkey.id}`
  const input = { id, name: 'name', value: passkey.name, required: true, maxlength: 100, autocomplete: 'off' }
  return plainForm(
    data,
    path,
    html`<label class="sr" for="${id}">${t('account.name')}</label><input ${attributes(input)}><button class="secondary">${t('account.save')}</button>`,
    'row',
  )
}

/** In words that people use: nobody knows what "backup eligible" means. */
function place(passkey: AccountPasskey, { t }: Words): string {
  const provider = findAuthenticatorName(passkey.aaguid)
  if (isSecurityKey(passkey)) return provider ?? t('account.kept_key')
  if (!passkey.backupEligible) return provider ? `${provider} · ${t('account.kept_device')}` : t('account.kept_device')
  if (!passkey.backedUp) return t('account.kept_not_yet')
  return provider ? t('account.kept_synced', { provider }) : t('account.kept_synced_plain')
}

function history(passkey: AccountPasskey, words: Words): readonly (Html | string | number)[] {
  const created = words.rich('account.created', { date: day(passkey.createdAt, words) })
  const automatic = passkey.createdAutomatically ? [' · ', words.t('account.created_automatically')] : []
  return [...created, ' · ', ...lastUse(passkey, words), ...automatic]
}

function lastUse({ lastUsedAt, lastUsedOn }: AccountPasskey, words: Words): readonly (Html | string | number)[] {
  if (lastUsedAt === undefined) return [words.t('account.never_used')]
  const date = day(lastUsedAt, words)
  return lastUsedOn === undefined
    ? words.rich('account.last_used', { date })
    : words.rich('account.last_used_on', { date, where: lastUsedOn })
}

/** A day, which the script turns into the reader's own time zone. */
export function day(at: number, { date }: Words): Html {
  return html`<time datetime="${new Date(at).toISOString()}">${date(at)}</time>`
}
