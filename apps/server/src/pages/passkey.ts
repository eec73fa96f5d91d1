import { hasErrors } from './form.ts'
import { html } from './html.ts'
import { icon } from './icons.ts'
import { layout } from './layout.ts'
import { translate } from './messages/index.ts'
import { notices, progress } from './notices.ts'
import type { TransactionPageData } from './page.ts'
import { aboutPasskeys, account, cancelLink, otherWays, stepScript } from './transaction.ts'

export type PasskeyPageData = TransactionPageData & {
  /** Who is signing in, as they typed it. */
  readonly identifier: string
}

/** The person is known by name; their passkey proves it. */
export function passkeyPage(data: PasskeyPageData): string {
  const words = translate(data.locale)
  const { t } = words
  const main = html`<h1>${t('passkey_step.title')}</h1>
${account(data, words, data.identifier)}
${notices(words, data.brand, data.messages)}
<div class="needs-passkeys"><p class="lead" id="passkey-hint">${t('passkey.device_hint')}</p><button type="button" class="primary" data-ceremony="identified" aria-describedby="passkey-hint" autofocus>${icon('passkey')}${t('passkey_step.use')}</button>${progress}<p class="suggestion" role="status" data-after-cancels="${t('passkey_step.after_cancels')}"></p></div>
<p class="notice notice-info without-passkeys">${t('passkey.absent')}</p>
<noscript><p class="notice notice-info">${t('passkey.no_script')}</p></noscript>
${otherWays(data, words)}
${aboutPasskeys(data, words)}
${cancelLink(data, words)}`
  const script = stepScript(data, words, { ceremony: 'authenticate', surface: 'identified' })
  return layout(data, words, { title: t('passkey_step.title'), hasErrors: hasErrors(data), main, script })
}
