import { field, hasErrors, stepForm, stepLink } from './form.ts'
import { html } from './html.ts'
import { layout } from './layout.ts'
import { translate } from './messages/index.ts'
import { notices } from './notices.ts'
import type { TransactionPageData } from './page.ts'
import { cancelLink, stepScript } from './transaction.ts'

export type SignUpPageData = TransactionPageData & {
  /** What was typed before, to be kept. */
  readonly identifier?: string
  readonly firstName?: string
  readonly lastName?: string
  /** False where the account is the first administrator's: there is nobody else to sign in as. */
  readonly canSignIn?: boolean
}

/** A new account begins with its address; the code that proves it and the passkey come next. */
export function signUpPage(data: SignUpPageData): string {
  const words = translate(data.locale)
  const { t } = words
  const email = field(data, words, {
    name: 'identifier',
    label: t('sign_up.email'),
    type: 'email',
    value: data.identifier,
    isFirst: true,
    attributes: { autocomplete: 'email', maxlength: 320 },
  })
  const name = (of: 'firstName' | 'lastName') =>
    field(data, words, {
      name: of,
      label: t(of === 'firstName' ? 'sign_up.first_name' : 'sign_up.last_name'),
      value: data[of],
      isOptional: true,
      attributes: { autocomplete: of === 'firstName' ? 'given-name' : 'family-name', maxlength: 100 },
    })
  const signIn = html`<input type="hidden" name="to" value="sign-in">`
  const main = html`<h1>${t('sign_up.title')}</h1>
<p class="lead">${t('sign_up.lead')}</p>
${notices(words, data.brand, data.messages)}
${stepForm(data, 'sign-up', html`${email}<div class="pair">${name('firstName')}${name('lastName')}</div><button class="primary">${t('common.continue')}</button>`)}
${
  (data.canSignIn ?? true) &&
  html`<div class="after">${t('sign_up.have_account')} ${stepLink(data, 'switch', t('sign_up.sign_in'), signIn)}</div>`
}
${cancelLink(data, words)}`
  const script = stepScript(data, words, { ceremony: 'none', surface: 'enrol' })
  return layout(data, words, { title: t('sign_up.title'), hasErrors: hasErrors(data), main, script })
}
