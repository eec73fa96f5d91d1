import { plainForm } from './form.ts'
import { type Html, html } from './html.ts'
import { icon } from './icons.ts'
import { layout } from './layout.ts'
import { translate, type Words } from './messages/index.ts'
import { notices } from './notices.ts'
import type { FormPageData } from './page.ts'

export type HomePageData = FormPageData & {
  /** Who is signed in, if anybody. */
  readonly account?: string
  /** There is no administrator yet, and `/setup` waits for the printed code. */
  readonly needsSetup?: boolean
  /** In development mode: the address of the demo app, and the mailbox. */
  readonly development?: { readonly demoUrl?: string }
}

/** The root of the server, for people who come without an app. */
export function homePage(data: HomePageData): string {
  const words = translate(data.locale)
  const { t, rich } = words
  const main = html`<h1>${t('home.welcome', { brand: data.brand.name })}</h1>
${
  data.account === undefined
    ? html`<p class="lead">${t('home.signed_out')}</p>${notices(words, data.brand, data.messages)}<a class="button primary" href="/account">${t('home.sign_in')}</a>`
    : html`<p class="lead">${rich('home.signed_in', { account: html`<strong>${data.account}</strong>` })}</p>${notices(words, data.brand, data.messages)}<a class="button primary" href="/account">${t('home.account')}</a>${plainForm(data, '/sign-out', html`<button class="quiet-button">${t('account.sign_out')}</button>`)}`
}
${data.needsSetup && html`<p class="after">${t('home.setup')} <a href="/setup">${t('home.setup_link')}</a></p>`}
${data.development && developmentLinks(data.development, words)}`
  return layout(data, words, { title: t('home.welcome', { brand: data.brand.name }), main })
}

function developmentLinks({ demoUrl }: NonNullable<HomePageData['development']>, { t }: Words): Html {
  const link = (href: string, name: 'external' | 'mail', title: string, hint: string) =>
    html`<li><a class="choice" href="${href}">${icon(name)}<span><span class="choice-title">${title}</span><span class="hint">${hint}</span></span>${icon('chevron')}</a></li>`
  return html`<section class="development"><h2>${t('home.development')}</h2><ul class="choices">${demoUrl !== undefined && link(demoUrl, 'external', t('home.demo'), t('home.demo_hint'))}${link('/dev/mail', 'mail', t('home.mail'), t('home.mail_hint'))}</ul></section>`
}
