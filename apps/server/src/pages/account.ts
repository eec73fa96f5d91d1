import { plainForm } from './form.ts'
import { type Html, html } from './html.ts'
import { icon } from './icons.ts'
import { layout } from './layout.ts'
import { translate, type Words } from './messages/index.ts'
import { notices, progress } from './notices.ts'
import type { FormPageData } from './page.ts'
import { type AccountPasskey, day, isSecurityKey, passkeyCard } from './passkey-card.ts'
import type { Signals } from './script-data.ts'
import { aboutPasskeys, scriptTexts } from './transaction.ts'

/** A browser in which the person is signed in. */
export type AccountSession = {
  readonly id: string
  readonly isCurrent: boolean
  /** In words, for example "Firefox on Linux". */
  readonly browser?: string
  readonly ip?: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly lastActiveAt: number
}

export type AccountPageData = FormPageData & {
  /** Who is signed in: the name to greet, and the address or username beneath it. */
  readonly account: { readonly name?: string; readonly login: string }
  readonly passkeys: readonly AccountPasskey[]
  readonly passkeyLimit: number
  readonly sessions: readonly AccountSession[]
  /** The whole list of accepted credentials and the person's names, for their passkey provider. */
  readonly signals?: Signals
}

/** Passkeys first, then the sessions. Everything but adding a passkey works without a script. */
export function accountPage(data: AccountPageData): string {
  const words = translate(data.locale)
  const { t } = words
  const main = html`<div class="head"><h1>${data.account.name ?? t('account.title')}</h1><p class="lead">${data.account.login}</p></div>
${notices(words, data.brand, data.messages)}
${passkeysPart(data, words)}
<section class="panel" aria-labelledby="sessions"><div class="panel-head"><div><h2 id="sessions">${t('account.sessions')}</h2><p class="hint">${t('account.sessions_lead')}</p></div></div><ul class="items">${data.sessions.map((session) => sessionRow(data, words, session))}</ul></section>`
  const aside = plainForm(
    data,
    '/sign-out',
    html`<button class="quiet-button">${icon('out')}${t('account.sign_out')}</button>`,
    'bar-aside',
  )
  return layout(data, words, { title: t('account.title'), main, shape: 'wide', aside, script: script(data, words) })
}

function passkeysPart(data: AccountPageData, words: Words): Html {
  const { t } = words
  const isEmpty = data.passkeys.length === 0
  const lead = isEmpty ? t('account.none_body') : t('account.passkeys_lead')
  const body = isEmpty ? aboutPasskeys(data, words) : passkeyLists(data, words)
  return html`<section class="panel" aria-labelledby="passkeys"><div class="panel-head"><div><h2 id="passkeys">${isEmpty ? t('account.none_title') : t('account.passkeys')}</h2><p class="hint">${lead}</p></div>${addButton(data, words)}</div>${progress}<p class="notice notice-info without-passkeys">${t('account.absent')}</p><noscript><p class="notice notice-info">${t('account.no_script')}</p></noscript>${body}</section>`
}

function addButton({ passkeys, passkeyLimit }: AccountPageData, { t }: Words): Html {
  if (passkeys.length >= passkeyLimit) return html`<p class="hint">${t('account.full', { limit: passkeyLimit })}</p>`
  const isFirst = passkeys.length === 0
  return html`<div class="needs-passkeys"><button type="button" class="${isFirst ? 'primary' : 'secondary'}" data-ceremony="account">${icon('passkey')}${t(isFirst ? 'account.create' : 'account.add')}</button></div>`
}

/** Two headings once there are both kinds; one list, without a heading of its own, before that. */
function passkeyLists(data: AccountPageData, words: Words): Html {
  const { t } = words
  const keys = data.passkeys.filter(isSecurityKey)
  const others = data.passkeys.filter((passkey) => !isSecurityKey(passkey))
  const list = (passkeys: readonly AccountPasskey[]) =>
    html`<ul class="items">${passkeys.map((passkey) => passkeyCard(data, words, passkey))}</ul>`
  const second = keys.length === 1 && html`<p class="hint aside">${t('account.second_key')}</p>`
  if (keys.length === 0 || others.length === 0) return html`${list(data.passkeys)}${second}`
  return html`<h3 class="group">${t('account.passkeys_devices')}</h3>${list(others)}<h3 class="group">${t('account.passkeys_keys')}</h3>${list(keys)}${second}`
}

function sessionRow(data: AccountPageData, words: Words, session: AccountSession): Html {
  const { t, rich } = words
  const browser = session.browser ?? t('account.session_unknown')
  const path = `/account/sessions/${encodeURIComponent(session.id)}/end`
  const label = t('account.session_end_label', { browser })
  const end =
    !session.isCurrent &&
    plainForm(
      data,
      path,
      html`<button class="link" aria-label="${label}">${t('account.session_end')}</button>`,
      'inline',
    )
  const from = session.ip !== undefined && html` ${t('account.session_from', { address: session.ip })}`
  return html`<li class="item">${icon('browser')}<div class="item-body"><h3>${browser}</h3>${session.isCurrent && html`<span class="badge">${t('account.session_this')}</span>`}<p class="hint">${rich('account.session_since', { date: day(session.startedAt, words) })}${from}</p><p class="hint">${rich('account.session_active', { date: day(session.lastActiveAt, words) })}</p></div><div class="item-actions">${end}</div></li>`
}

function script(data: AccountPageData, words: Words) {
  const about = {
    ceremony: 'register',
    surface: 'account',
    start: '/account/passkeys/start',
    finish: '/account/passkeys/finish',
    texts: scriptTexts(data, words, words.t('account.saving')),
    ...(data.signals && { signals: data.signals }),
  } as const
  return { name: 'account.js', csrf: data.csrf, data: about } as const
}
