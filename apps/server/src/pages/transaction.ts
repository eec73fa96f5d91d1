/** What the pages of a transaction share: who is signing in, other ways to do it, and the data for the script. */
import { stepForm, stepLink, stepPath } from './form.ts'
import { attributes, type Html, html } from './html.ts'
import { icon } from './icons.ts'
import type { Layout } from './layout.ts'
import type { Words } from './messages/index.ts'
import { scriptNotices } from './notices.ts'
import type { Alternative, TransactionPageData } from './page.ts'
import type { ScriptData } from './script-data.ts'

/** Who is signing in, and the way to be somebody else. */
export function account(data: TransactionPageData, { t }: Words, identifier: string): Html {
  const change = stepLink(data, 'restart', t('common.use_different_account'))
  return html`<div class="account">${icon('user')}<div><span class="sr">${t('common.signing_in_as')} </span><strong>${identifier}</strong>${change}</div></div>`
}

/** The other ways to sign in: folded away under "Try another way". Works without a script. */
export function otherWays(data: TransactionPageData, words: Words): Html {
  const { alternatives = [] } = data
  if (alternatives.length === 0) return html``
  return html`<details class="ways" id="ways"><summary>${icon('chevron')}${words.t('alternatives.toggle')}</summary>${waysList(data, words)}</details>`
}

/** One button for each way. */
export function waysList(data: TransactionPageData, words: Words): Html {
  const buttons = (data.alternatives ?? []).map((way) => wayButton(data, words, way))
  return stepForm(data, 'select', html`<ul class="choices">${buttons}</ul>`, 'choices-form')
}

const ICONS = { passkey: 'passkey', code: 'mail', password: 'password' } as const

function wayButton({ brand, handle }: TransactionPageData, { t }: Words, way: Alternative): Html {
  const words = {
    passkey: [t('alternatives.passkey'), t('alternatives.passkey_hint')],
    code: [
      t('alternatives.code'),
      way.address === undefined
        ? t('alternatives.code_hint_plain')
        : t('alternatives.code_hint', { address: way.address }),
    ],
    password: [t('alternatives.password'), t('alternatives.password_hint', { brand: brand.name })],
  } as const
  const [title, hint] = words[way.step]
  const only = way.step === 'passkey' ? 'needs-passkeys' : undefined
  return html`<li ${attributes({ class: only })}><button ${attributes({ class: 'choice', name: 'step', value: way.step, formaction: way.sends && stepPath(handle, 'send-code') })}>${icon(ICONS[way.step])}<span><span class="choice-title">${title}</span><span class="hint">${hint}</span></span>${icon('chevron')}</button></li>`
}

/** A way back to the app, refused. */
export function cancelLink(data: TransactionPageData, { t }: Words): Html {
  if (data.client === undefined) return html``
  return html`<div class="after quieter">${stepLink(data, 'cancel', t('common.back_to_app', { client: data.client }))}</div>`
}

/** The script of a transaction page and what it is told. */
export function stepScript(
  data: TransactionPageData,
  words: Words,
  about: Pick<ScriptData, 'ceremony' | 'surface' | 'autofill' | 'conditional'> & { finishing?: string },
): NonNullable<Layout['script']> {
  const { finishing, ...rest } = about
  const at = about.ceremony === 'register' ? 'enrol-passkey' : 'passkey'
  const paths = about.ceremony !== 'none' && {
    start: stepPath(data.handle, `${at}/start`),
    finish: stepPath(data.handle, `${at}/finish`),
  }
  return {
    name: 'sign-in.js',
    csrf: data.csrf,
    data: {
      ...rest,
      ...paths,
      observe: stepPath(data.handle, 'observe'),
      texts: scriptTexts(data, words, finishing ?? words.t('passkey.finishing')),
    },
  }
}

/** The sentences that a script shows. */
export function scriptTexts(
  data: Pick<TransactionPageData, 'brand'>,
  words: Words,
  finishing: string,
): ScriptData['texts'] {
  const { t } = words
  return {
    locale: words.locale,
    waiting: t('passkey.waiting'),
    working: t('passkey.working'),
    finishing,
    errorTitle: t('common.error_title', { title: '%s' }),
    problems: scriptNotices(words, data.brand),
  }
}

/** Answers to what people ask about passkeys, within reach wherever one is asked for. */
export function aboutPasskeys({ brand }: Pick<TransactionPageData, 'brand'>, { t }: Words): Html {
  const values = { brand: brand.name }
  return html`<div class="questions"><details><summary>${icon('chevron')}${t('passkey.about_title')}</summary><p>${t('passkey.about_body', values)}</p><p>${t('passkey.about_keys', values)}</p></details><details><summary>${icon('chevron')}${t('passkey.where_title')}</summary><p>${t('passkey.where_body')}</p></details></div>`
}
