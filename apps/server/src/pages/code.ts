import { field, hasErrors, stepForm } from './form.ts'
import { type Html, html } from './html.ts'
import { layout } from './layout.ts'
import { translate, type Words } from './messages/index.ts'
import { notices } from './notices.ts'
import type { TransactionPageData } from './page.ts'
import { account, cancelLink, otherWays, stepScript } from './transaction.ts'

export type CodePageData = TransactionPageData & {
  /** Who is signing in, as they typed it. */
  readonly identifier: string
  /** Where the code goes, where the person has typed it themselves. */
  readonly address?: string
  /** False before the first code was asked for: the page then offers to send one. */
  readonly isSent: boolean
  /** How long a code works. */
  readonly lifetimeMinutes: number
  /** Until another code may be asked for. */
  readonly resendInSeconds?: number
  /** Say "if there is an account", where answers must not tell whether there is one. */
  readonly isUniform?: boolean
}

/** A code by email proves the address. */
export function codePage(data: CodePageData): string {
  const words = translate(data.locale)
  const { t } = words
  const title = t(data.isSent ? 'code.title' : 'code.title_to_send')
  const main = html`<h1>${title}</h1>
${account(data, words, data.identifier)}
${lead(data, words)}
${notices(words, data.brand, data.messages)}
${data.isSent ? entry(data, words) : stepForm(data, 'send-code', html`<button class="primary" autofocus>${t('code.send')}</button>`)}
${otherWays(data, words)}
${cancelLink(data, words)}`
  const script = stepScript(data, words, { ceremony: 'none', surface: 'button' })
  const texts = { ...script.data.texts, resendIn: t('code.resend_in', { time: '%s' }) }
  return layout(data, words, {
    title,
    hasErrors: hasErrors(data),
    main,
    script: { ...script, data: { ...script.data, texts } },
  })
}

function lead({ address, isSent, isUniform, lifetimeMinutes }: CodePageData, { t, rich }: Words): Html {
  const where = address ?? t('code.your_address')
  const values = { address: html`<strong>${where}</strong>`, minutes: lifetimeMinutes }
  if (!isSent) return html`<p class="lead">${rich('code.to_send', values)}</p>`
  return html`<p class="lead">${rich(isUniform ? 'code.sent_if_known' : 'code.sent_to', values)}</p>`
}

function entry(data: CodePageData, words: Words): Html {
  const { t } = words
  const input = field(data, words, {
    name: 'code',
    label: t('code.label'),
    isFirst: true,
    attributes: {
      // Room for the spaces and dashes that people paste; the server takes them out.
      maxlength: 16,
      inputmode: 'numeric',
      autocomplete: 'one-time-code',
      autocapitalize: 'none',
      spellcheck: 'false',
      class: 'digits',
    },
  })
  const seconds = data.resendInSeconds ?? 0
  const wait =
    seconds > 0 &&
    html`<span class="quiet" data-resend-in="${seconds}">${t('code.resend_in', { time: clock(seconds) })}</span>`
  return html`${stepForm(data, 'code', html`${input}<button class="primary">${t('common.continue')}</button>`)}
<div class="resend"><span class="quiet">${t('code.not_arrived')}</span> ${wait}${stepForm(data, 'send-code', html`<button class="link">${t('code.resend')}</button>`, 'inline')}</div>`
}

/** Minutes and seconds, as the script goes on counting them. */
function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
