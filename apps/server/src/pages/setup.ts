import { field, hasErrors, plainForm } from './form.ts'
import { html } from './html.ts'
import { layout } from './layout.ts'
import { translate } from './messages/index.ts'
import { notices } from './notices.ts'
import type { FormPageData } from './page.ts'

export type SetupPageData = FormPageData & {
  /** There is an administrator already: the page says so and leads to sign-in. */
  readonly isDone?: boolean
}

/** The way in for the first administrator, who holds the code that the server printed. */
export function setupPage(data: SetupPageData): string {
  const words = translate(data.locale)
  const { t } = words
  if (data.isDone) {
    const done = html`<h1>${t('setup.done_title')}</h1><p class="lead">${t('setup.done_body')}</p><a class="button primary" href="/account">${t('home.sign_in')}</a>`
    return layout(data, words, { title: t('setup.done_title'), main: done })
  }
  const code = field(data, words, {
    name: 'code',
    label: t('setup.code'),
    hint: t('setup.hint'),
    isFirst: true,
    attributes: { autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', maxlength: 100, class: 'mono' },
  })
  const main = html`<h1>${t('setup.title')}</h1>
<p class="lead">${t('setup.lead')}</p>
${notices(words, data.brand, data.messages)}
${plainForm(data, '/setup', html`${code}<button class="primary">${t('common.continue')}</button>`)}`
  return layout(data, words, { title: t('setup.title'), hasErrors: hasErrors(data), main })
}
