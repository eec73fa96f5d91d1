import { hasErrors, stepForm } from './form.ts'
import { type Html, html } from './html.ts'
import { icon } from './icons.ts'
import { layout } from './layout.ts'
import { type MessageKey, translate, type Words } from './messages/index.ts'
import { notices } from './notices.ts'
import type { TransactionPageData } from './page.ts'
import { account } from './transaction.ts'

export type ConsentPageData = TransactionPageData & {
  readonly client: string
  /** Who is signed in. */
  readonly account: string
  /** What the client asks for. Standard scopes have words of their own; others bring a description or their name. */
  readonly scopes: readonly { readonly name: string; readonly description?: string }[]
}

const SCOPES: Readonly<Record<string, MessageKey>> = {
  openid: 'consent.scope_openid',
  profile: 'consent.scope_profile',
  email: 'consent.scope_email',
  phone: 'consent.scope_phone',
  address: 'consent.scope_address',
  groups: 'consent.scope_groups',
  offline_access: 'consent.scope_offline_access',
}

/** Asks whether a client may have what it asks for, in words. */
export function consentPage(data: ConsentPageData): string {
  const words = translate(data.locale)
  const { t, rich } = words
  const client = html`<strong>${data.client}</strong>`
  const buttons = html`<div class="pair"><button class="secondary" name="decision" value="deny">${t('consent.deny')}</button><button class="primary" name="decision" value="allow">${t('consent.allow')}</button></div>`
  const main = html`<h1>${t('consent.heading', { client: data.client, brand: data.brand.name })}</h1>
${account(data, words, data.account)}
${notices(words, data.brand, data.messages)}
<p class="lead" id="scopes">${rich('consent.will_allow', { client })}</p>
<ul class="scopes" aria-labelledby="scopes">${data.scopes.map((scope) => html`<li>${icon('check')}<span>${scopeText(scope, words)}</span></li>`)}</ul>
${stepForm(data, 'consent', buttons)}
<p class="hint centre">${t('consent.note', { client: data.client })}</p>`
  return layout(data, words, { title: t('consent.title'), hasErrors: hasErrors(data), main })
}

function scopeText({ name, description }: ConsentPageData['scopes'][number], { t }: Words): Html | string {
  const key = Object.hasOwn(SCOPES, name) ? SCOPES[name] : undefined
  if (key !== undefined) return t(key)
  return description ?? html`<code>${name}</code>`
}
