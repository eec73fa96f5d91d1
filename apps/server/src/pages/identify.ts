import { field, hasErrors, stepForm, stepLink } from './form.ts'
import { html } from './html.ts'
import { icon } from './icons.ts'
import { layout } from './layout.ts'
import { translate } from './messages/index.ts'
import { notices, progress } from './notices.ts'
import type { TransactionPageData } from './page.ts'
import { cancelLink, stepScript } from './transaction.ts'

export type IdentifyPageData = TransactionPageData & {
  /** What was typed, or `login_hint`. */
  readonly identifier?: string
  /** How passkeys are offered: in the autofill menu, by a button, or both. `none` where the org has no passkeys. */
  readonly passkeys: 'both' | 'autofill' | 'button' | 'none'
  /** Whether new people may create an account. */
  readonly canSignUp: boolean
}

/** The first page of a sign-in: who is it? A passkey may answer at once, from the autofill menu or by the button. */
export function identifyPage(data: IdentifyPageData): string {
  const words = translate(data.locale)
  const { t } = words
  const brand = data.brand.name
  const hasAutofill = data.passkeys === 'both' || data.passkeys === 'autofill'
  const input = field(data, words, {
    name: 'identifier',
    label: t('identify.identifier'),
    value: data.identifier,
    isFirst: true,
    attributes: {
      autocomplete: hasAutofill ? 'username webauthn' : 'username',
      autocapitalize: 'none',
      autocorrect: 'off',
      spellcheck: 'false',
      inputmode: 'email',
      maxlength: 320,
    },
  })
  const main = html`<h1>${t('identify.heading', { brand })}</h1>
${data.client !== undefined && html`<p class="lead">${t('identify.to_client', { client: data.client })}</p>`}
${notices(words, data.brand, data.messages)}
${stepForm(data, 'identify', html`${input}<button class="primary">${t('common.continue')}</button>`)}
${data.passkeys !== 'none' && passkeyPart(data, words)}
${
  data.canSignUp &&
  html`<div class="after">${t('identify.new_here', { brand })} ${stepLink(data, 'switch', t('identify.create_account'), html`<input type="hidden" name="to" value="sign-up">`)}</div>`
}
${cancelLink(data, words)}`
  const ceremony = data.passkeys === 'none' ? 'none' : 'authenticate'
  const script = stepScript(data, words, { ceremony, surface: 'button', autofill: hasAutofill })
  return layout(data, words, { title: t('identify.title'), hasErrors: hasErrors(data), main, script })
}

/**
 * Beside the field from the start, not after it has failed. With `autofill` alone the button is still there for
 * browsers whose autofill menu has no passkeys; the script hides it where the menu has them.
 */
function passkeyPart(data: IdentifyPageData, { t }: ReturnType<typeof translate>) {
  const isFallback = data.passkeys === 'autofill'
  const only = isFallback ? ' only-without-autofill' : ''
  // Progress must be seen where the button is not.
  const inside = !isFallback && progress
  const outside = isFallback && progress
  return html`<div class="needs-passkeys${only}"><div class="or"><span>${t('common.or')}</span></div><button type="button" class="secondary" data-ceremony="button" aria-describedby="passkey-hint">${icon('passkey')}${t('identify.passkey')}</button><p class="hint centre" id="passkey-hint">${t('passkey.device_hint')}</p>${inside}<p class="suggestion" role="status" data-after-cancels="${t('identify.after_cancels')}"></p></div>${outside}`
}
