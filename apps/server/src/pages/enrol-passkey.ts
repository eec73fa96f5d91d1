import { hasErrors, stepForm } from './form.ts'
import { type Html, html } from './html.ts'
import { icon } from './icons.ts'
import { layout } from './layout.ts'
import { translate, type Words } from './messages/index.ts'
import { notices, progress } from './notices.ts'
import type { TransactionPageData } from './page.ts'
import { aboutPasskeys, stepScript } from './transaction.ts'

export type EnrolPasskeyPageData = TransactionPageData & {
  /** Whose passkey it will be. */
  readonly account: string
  /** `sign-up` ends a new account, `offer` comes after signing in some other way. */
  readonly occasion: 'sign-up' | 'offer'
  /** Whether the person may say "not now". */
  readonly canSkip: boolean
  /** A password was just accepted: the browser may create the passkey without a dialog. */
  readonly conditional?: boolean
}

/** Creating a passkey, with what people want to know before their device asks for a finger. */
export function enrolPasskeyPage(data: EnrolPasskeyPageData): string {
  const words = translate(data.locale)
  const { t, rich } = words
  const isOffer = data.occasion === 'offer'
  const title = t(isOffer ? 'enrol.title_offer' : 'enrol.title')
  const lead = rich(isOffer ? 'enrol.lead_offer' : 'enrol.lead', { account: html`<strong>${data.account}</strong>` })
  const main = html`<h1>${title}</h1>
<p class="lead">${lead}</p>
${benefits(data, words)}
${notices(words, data.brand, data.messages)}
<div class="needs-passkeys"><button type="button" class="primary" data-ceremony="enrol" aria-describedby="passkey-hint" autofocus>${icon('passkey')}${t('enrol.create')}</button><p class="hint centre" id="passkey-hint">${t('passkey.device_hint')}</p>${progress}${data.canSkip && html`<p class="suggestion" role="status" data-after-cancels="${t('enrol.after_cancels')}"></p>`}</div>
<p class="notice notice-info without-passkeys">${absent(data, words)}</p>
<noscript><p class="notice notice-info">${t('enrol.no_script')}</p></noscript>
${data.canSkip && skip(data, words)}
${aboutPasskeys(data, words)}`
  const script = stepScript(data, words, {
    ceremony: 'register',
    surface: 'enrol',
    finishing: t('enrol.created'),
    ...(data.conditional !== undefined && { conditional: data.conditional }),
  })
  return layout(data, words, { title, hasErrors: hasErrors(data), main, script })
}

function absent({ canSkip, brand }: EnrolPasskeyPageData, { t }: Words): string {
  return canSkip ? t('enrol.absent') : t('enrol.absent_required', { brand: brand.name })
}

/** One form, two names: "not now" is a choice only where there is something to choose. */
function skip(data: EnrolPasskeyPageData, { t }: Words): Html {
  return html`<div class="skip-step">${stepForm(data, 'skip', html`<button class="quiet-button"><span class="with-passkeys">${t('enrol.not_now')}</span><span class="instead-of-passkeys">${t('enrol.go_on')}</span></button>`)}</div>`
}

function benefits({ brand }: EnrolPasskeyPageData, { t }: Words): Html {
  const rows = [
    ['fingerprint', t('enrol.benefit_unlock'), t('enrol.benefit_unlock_body')],
    ['shield', t('enrol.benefit_private'), t('enrol.benefit_private_body', { brand: brand.name })],
    ['devices', t('enrol.benefit_devices'), t('enrol.benefit_devices_body')],
  ] as const
  return html`<ul class="benefits">${rows.map(
    ([name, title, body]) => html`<li>${icon(name)}<div><strong>${title}</strong><p>${body}</p></div></li>`,
  )}</ul>`
}
