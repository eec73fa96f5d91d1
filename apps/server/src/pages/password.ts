import { field, hasErrors, stepForm } from './form.ts'
import { html } from './html.ts'
import { layout } from './layout.ts'
import { translate } from './messages/index.ts'
import { notices } from './notices.ts'
import type { TransactionPageData } from './page.ts'
import { account, cancelLink, otherWays, stepScript } from './transaction.ts'

export type PasswordPageData = TransactionPageData & {
  /** Who is signing in, as they typed it. */
  readonly identifier: string
}

/** A password, for those who have one. */
export function passwordPage(data: PasswordPageData): string {
  const words = translate(data.locale)
  const { t } = words
  const show = html`<button type="button" class="link needs-script" data-shows="password" aria-pressed="false" aria-label="${t('password.show_label')}">${t('password.show')}</button>`
  const input = field(data, words, {
    name: 'password',
    label: t('password.label'),
    type: 'password',
    isFirst: true,
    beside: show,
    attributes: { autocomplete: 'current-password', maxlength: 1024 },
  })
  // Password managers need to see whose password it is; people see it above. It has no name: it is not sent.
  const username = html`<input class="sr" type="text" autocomplete="username" aria-label="${t('password.username')}" aria-hidden="true" tabindex="-1" readonly value="${data.identifier}">`
  const main = html`<h1>${t('password.title')}</h1>
${account(data, words, data.identifier)}
${notices(words, data.brand, data.messages)}
${stepForm(data, 'password', html`${username}${input}<button class="primary">${t('common.continue')}</button>`)}
${otherWays(data, words)}
${cancelLink(data, words)}`
  const script = stepScript(data, words, { ceremony: 'none', surface: 'button' })
  return layout(data, words, { title: t('password.title'), hasErrors: hasErrors(data), main, script })
}
