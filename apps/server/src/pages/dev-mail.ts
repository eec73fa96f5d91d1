import { type Html, html } from './html.ts'
import { icon } from './icons.ts'
import { layout } from './layout.ts'
import { translate, type Words } from './messages/index.ts'
import type { PageData } from './page.ts'

/** A mail that the development server kept instead of sending it. */
export type KeptMail = {
  readonly id: string
  readonly to: string
  readonly subject: string
  readonly text: string
  /** Milliseconds since 1970. */
  readonly at: number
}

export type MailboxPageData = PageData & { readonly mails: readonly Omit<KeptMail, 'text'>[] }
export type MailPageData = PageData & { readonly mail: KeptMail }

/** All mail, newest first as given. */
export function mailboxPage(data: MailboxPageData): string {
  const words = translate(data.locale)
  const { t } = words
  const list =
    data.mails.length === 0
      ? html`<p class="empty">${icon('mail')}${t('mail.empty')}</p>`
      : html`<ul class="choices">${data.mails.map((mail) => row(mail, words))}</ul>`
  const main = html`<div class="head"><h1>${t('mail.title')}</h1><p class="lead">${t('mail.lead')}</p></div>${list}`
  return layout(data, words, { title: t('mail.title'), main, shape: 'wide' })
}

/** One mail, as text; its addresses are links, so that a link in it can be followed. */
export function mailPage(data: MailPageData): string {
  const words = translate(data.locale)
  const { t } = words
  const { mail } = data
  const subject = subjectOf(mail, words)
  const main = html`<p class="crumb"><a href="/dev/mail">${t('mail.back')}</a></p>
<div class="head"><h1>${subject}</h1><p class="lead">${t('mail.to', { address: mail.to })} · ${when(mail.at, words)}</p></div>
<pre class="mail" tabindex="0" role="region" aria-label="${subject}">${withLinks(mail.text)}</pre>`
  return layout(data, words, { title: subject, main, shape: 'wide' })
}

function row(mail: Omit<KeptMail, 'text'>, words: Words): Html {
  const to = words.t('mail.to', { address: mail.to })
  return html`<li><a class="choice" href="/dev/mail/${encodeURIComponent(mail.id)}">${icon('mail')}<span><span class="choice-title">${subjectOf(mail, words)}</span><span class="hint">${to} · ${when(mail.at, words)}</span></span>${icon('chevron')}</a></li>`
}

function subjectOf(mail: { readonly subject: string }, { t }: Words): string {
  return mail.subject.trim() === '' ? t('mail.unnamed') : mail.subject
}

function when(at: number, { date }: Words): Html {
  return html`<time datetime="${new Date(at).toISOString()}">${date(at, 'minute')}</time>`
}

function withLinks(text: string): readonly Html[] {
  const pieces = text.split(/(https?:\/\/[^\s<>"']+)/)
  return pieces.map((piece, index) => (index % 2 === 1 ? html`<a href="${piece}">${piece}</a>` : html`${piece}`))
}
