import { html } from './html.ts'
import { layout } from './layout.ts'
import { translate, type Words } from './messages/index.ts'
import { noticeCodes, noticeText } from './notices.ts'
import type { PageData } from './page.ts'

export type ErrorPageData = PageData & {
  /** The HTTP status of the answer. */
  readonly status: number
  /** The stable code; people read it out to whoever helps them. */
  readonly code: string
  readonly requestId: string
  /** When it happened, in ms since 1970. */
  readonly at: number
  /** Words of the error itself, for the person or whoever set the app up. Must be safe to show. */
  readonly detail?: string
  /** Where to go from here: the start, unless there is an app to go back to. */
  readonly backUrl?: string
}

/** What went wrong, what to do, and what to pass on. */
export function errorPage(data: ErrorPageData): string {
  const words = translate(data.locale)
  const { t, date } = words
  const { title, body } = wordsFor(data, words)
  const back =
    data.backUrl === undefined
      ? html`<a class="button secondary" href="/">${t('error.home')}</a>`
      : html`<a class="button primary" href="${data.backUrl}">${t('error.back_to_app')}</a>`
  const main = html`<h1>${title}</h1>
<p class="lead">${body}</p>
${data.detail !== undefined && data.detail !== body && data.status !== 404 && html`<p class="detail">${data.detail}</p>`}
${back}
<div class="report"><p class="hint">${t('error.details')}</p><dl><div><dt>${t('error.code')}</dt><dd><code>${data.code}</code></dd></div><div><dt>${t('error.request_id')}</dt><dd><code>${data.requestId}</code></dd></div><div><dt>${t('error.time')}</dt><dd>${date(data.at, 'minute')}</dd></div></dl></div>`
  return layout(data, words, { title, hasErrors: true, main })
}

function wordsFor({ status, code, brand }: ErrorPageData, words: Words): { title: string; body: string } {
  const { t } = words
  if (status === 404) return { title: t('error.not_found_title'), body: t('error.not_found_body') }
  if (status === 429) return { title: t('error.too_many_title'), body: t('error.too_many_body') }
  if (status >= 500) return { title: t('error.title'), body: t('error.server_body') }
  if (noticeCodes.includes(code)) return { title: t('error.title'), body: noticeText(words, brand, code) }
  return { title: t('error.request_title'), body: t('error.request_body') }
}
