import { hasErrors } from './form.ts'
import { html } from './html.ts'
import { layout } from './layout.ts'
import { translate } from './messages/index.ts'
import { notices } from './notices.ts'
import type { TransactionPageData } from './page.ts'
import { account, cancelLink, stepScript, waysList } from './transaction.ts'

export type AlternativesPageData = TransactionPageData & {
  /** Who is signing in, as they typed it. */
  readonly identifier: string
}

/** The choice between ways to sign in, where none of them comes first. */
export function alternativesPage(data: AlternativesPageData): string {
  const words = translate(data.locale)
  const { t } = words
  const main = html`<h1>${t('alternatives.title')}</h1>
${account(data, words, data.identifier)}
${notices(words, data.brand, data.messages)}
${waysList(data, words)}
${cancelLink(data, words)}`
  const script = stepScript(data, words, { ceremony: 'none', surface: 'identified' })
  return layout(data, words, { title: t('alternatives.title'), hasErrors: hasErrors(data), main, script })
}
