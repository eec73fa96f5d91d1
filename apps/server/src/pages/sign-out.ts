import { plainForm } from './form.ts'
import { attributes, html } from './html.ts'
import { layout } from './layout.ts'
import { translate } from './messages/index.ts'
import { notices } from './notices.ts'
import type { FormPageData, PageData } from './page.ts'

export type SignOutPageData = FormPageData & {
  /** Where the form goes: `/sign-out`, or the logout endpoint of an authorization server. */
  readonly action: string
  /** Sent back with the form, for example `state` and `post_logout_redirect_uri`. */
  readonly fields?: Readonly<Record<string, string>>
}

/** Asks before signing out, where the request alone does not show that the person wants it. */
export function signOutPage(data: SignOutPageData): string {
  const words = translate(data.locale)
  const { t } = words
  const hidden = Object.entries(data.fields ?? {}).map(
    ([name, value]) => html`<input ${attributes({ type: 'hidden', name, value })}>`,
  )
  const main = html`<h1>${t('sign_out.title')}</h1>
<p class="lead">${t('sign_out.body', { brand: data.brand.name })}</p>
${notices(words, data.brand, data.messages)}
${plainForm(data, data.action, html`${hidden}<button class="primary" autofocus>${t('sign_out.confirm')}</button>`)}
<div class="after"><a href="/account">${t('sign_out.stay')}</a></div>`
  return layout(data, words, { title: t('sign_out.title'), main })
}

export type SignedOutPageData = PageData & {
  /** Where to sign in again. */
  readonly signInUrl: string
}

/** Signed out, and nowhere else to go. */
export function signedOutPage(data: SignedOutPageData): string {
  const words = translate(data.locale)
  const { t } = words
  const main = html`<h1>${t('signed_out.title')}</h1>
<p class="lead">${t('signed_out.body', { brand: data.brand.name })}</p>
${notices(words, data.brand, data.messages)}
<a class="button primary" href="${data.signInUrl}">${t('signed_out.sign_in')}</a>`
  return layout(data, words, { title: t('signed_out.title'), main })
}
