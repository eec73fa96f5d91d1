import { html } from './html.ts'
import { layout } from './layout.ts'
import { translate } from './messages/index.ts'
import { notices } from './notices.ts'
import type { PageData } from './page.ts'

export type ExpiredPageData = PageData & {
  /** Where to begin again: the authorization request that started it, or `/`. */
  readonly startUrl: string
}

/** The transaction is over or was never this browser's; the way on is to begin again. */
export function expiredPage(data: ExpiredPageData): string {
  const words = translate(data.locale)
  const { t } = words
  const main = html`<h1>${t('expired.title')}</h1>
<p class="lead">${t('expired.body')}</p>
${notices(words, data.brand, data.messages)}
<a class="button primary" href="${data.startUrl}">${t('common.start_again')}</a>`
  return layout(data, words, { title: t('expired.title'), main })
}
