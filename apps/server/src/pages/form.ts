import { attributes, type Html, html } from './html.ts'
import { icon } from './icons.ts'
import type { Words } from './messages/index.ts'
import { noticeText } from './notices.ts'
import type { FormPageData, PageData, TransactionPageData } from './page.ts'

/** The address of a step of a transaction. */
export function stepPath(handle: string, step: string): string {
  return `/sign-in/${encodeURIComponent(handle)}/${step}`
}

/** A form that answers a step of a transaction. */
export function stepForm(data: TransactionPageData, step: string, body: Html, className = 'stack'): Html {
  const { csrf, version } = data
  return html`<form class="${className}" method="post" action="${stepPath(data.handle, step)}"><input type="hidden" name="csrf" value="${csrf}"><input type="hidden" name="version" value="${version}">${body}</form>`
}

/** A form outside of transactions. */
export function plainForm(data: FormPageData, action: string, body: Html, className = 'stack'): Html {
  return html`<form class="${className}" method="post" action="${action}"><input type="hidden" name="csrf" value="${data.csrf}">${body}</form>`
}

/** A link in looks that is a form in truth, because it changes something. */
export function stepLink(data: TransactionPageData, step: string, text: string, field: Html | false = false): Html {
  return stepForm(data, step, html`${field}<button class="link">${text}</button>`, 'inline')
}

export type Field = {
  readonly name: string
  readonly label: string
  readonly type?: 'text' | 'email' | 'password'
  readonly value?: string | undefined
  readonly hint?: Html | string | undefined
  readonly isOptional?: boolean
  /** Gets the focus as the page opens; a field with an error takes precedence, which works without a script too. */
  readonly isFirst?: boolean
  readonly attributes?: Readonly<Record<string, string | number | boolean | undefined>>
  /** Stands in the row of the label. */
  readonly beside?: Html
}

/** A labelled input with its hint and its error. */
export function field(data: FormPageData, words: Words, input: Field): Html {
  const { name, label, type = 'text', value, hint, isOptional = false } = input
  const code = data.fieldErrors?.[name]
  const described = [code && `${name}-error`, hint && `${name}-hint`].filter(Boolean).join(' ')
  const isFocused = firstError(data) === undefined ? input.isFirst === true : firstError(data) === name
  const rest = {
    id: name,
    name,
    type,
    value,
    required: !isOptional,
    autofocus: isFocused,
    'aria-invalid': code !== undefined && 'true',
    'aria-describedby': described === '' ? undefined : described,
    ...input.attributes,
  }
  const error = code !== undefined && noticeText(words, data.brand, code)
  return html`<div class="field"><div class="field-head"><label for="${name}">${label}${isOptional && html` <span class="quiet">${words.t('common.optional')}</span>`}</label>${input.beside}</div><input ${attributes(rest)}>${error && html`<p class="field-error" id="${name}-error" data-code="${code}">${icon('alert')}<span>${error}</span></p>`}${hint && html`<p class="hint" id="${name}-hint">${hint}</p>`}</div>`
}

/** Whether anything on the page is an error, for its title. */
export function hasErrors(data: PageData & { readonly fieldErrors?: FormPageData['fieldErrors'] }): boolean {
  return firstError(data) !== undefined || (data.messages ?? []).some((message) => message.level === 'error')
}

function firstError(data: { readonly fieldErrors?: FormPageData['fieldErrors'] }): string | undefined {
  return Object.keys(data.fieldErrors ?? {})[0]
}
