import { type Html, html } from './html.ts'
import { icon } from './icons.ts'
import type { MessageKey, Words } from './messages/index.ts'
import type { Brand, PageMessage } from './page.ts'

/** The text of each code that steps, forms and ceremonies answer with. */
const NOTICES: Readonly<Record<string, MessageKey>> = {
  identifier_required: 'notice.identifier_required',
  identifier_invalid: 'notice.identifier_invalid',
  code_required: 'notice.code_required',
  code_incorrect: 'notice.code_incorrect',
  code_expired: 'notice.code_expired',
  code_exhausted: 'notice.code_exhausted',
  code_sent: 'notice.code_sent',
  device_bound_required: 'notice.device_bound_required',
  code_too_soon: 'notice.code_too_soon',
  password_required: 'notice.password_required',
  password_incorrect: 'notice.password_incorrect',
  name_required: 'notice.name_required',
  name_too_long: 'notice.name_too_long',
  too_many_attempts: 'notice.too_many_attempts',
  access_denied: 'notice.access_denied',
  user_not_allowed: 'notice.access_denied',
  wrong_user: 'notice.wrong_user',
  sign_up_closed: 'notice.sign_up_closed',
  input_invalid: 'notice.input_invalid',
  user_unknown: 'notice.user_unknown',
  step_changed: 'notice.step_changed',
  transaction_changed: 'notice.step_changed',
  step_not_open: 'notice.step_changed',
  csrf_invalid: 'notice.csrf_invalid',
  csrf_token_invalid: 'notice.csrf_invalid',
  cross_site_request: 'notice.csrf_invalid',
  passkey_added: 'notice.passkey_added',
  passkey_created_automatically: 'notice.passkey_created_automatically',
  passkey_renamed: 'notice.passkey_renamed',
  passkey_removed: 'notice.passkey_removed',
  last_passkey: 'notice.last_passkey',
  last_way_to_sign_in: 'notice.last_passkey',
  passkey_name_invalid: 'notice.name_too_long',
  session_ended: 'notice.session_ended',
  setup_code_incorrect: 'notice.setup_code_incorrect',
  timed_out: 'notice.timed_out',
  already_registered: 'notice.already_registered',
  passkey_not_recognised: 'notice.passkey_not_recognised',
  passkey_refused: 'notice.passkey_refused',
  user_not_verified: 'notice.user_not_verified',
  passkey_limit_reached: 'notice.passkey_limit_reached',
  reauthentication_required: 'notice.reauthentication_required',
  ceremony_expired: 'notice.ceremony_expired',
}

/** The codes that scripts meet, from the browser (`@latchkey/browser`) and from the server's ceremonies. */
const SCRIPT_NOTICES: Readonly<Record<string, MessageKey>> = {
  cancelled: 'notice.cancelled',
  timed_out: 'notice.timed_out',
  not_allowed: 'notice.not_allowed',
  already_registered: 'notice.already_registered',
  passkey_already_registered: 'notice.already_registered',
  authenticator_unsuitable: 'notice.authenticator_unsuitable',
  unsupported: 'notice.unsupported',
  insecure_context: 'notice.insecure_context',
  rp_id_invalid: 'notice.rp_id_invalid',
  ceremony_expired: 'notice.ceremony_expired',
  passkey_not_recognised: 'notice.passkey_not_recognised',
  passkey_refused: 'notice.passkey_refused',
  user_not_verified: 'notice.user_not_verified',
  passkey_limit_reached: 'notice.passkey_limit_reached',
  reauthentication_required: 'notice.reauthentication_required',
  too_many_attempts: 'notice.too_many_requests',
  access_denied: 'notice.access_denied',
  user_not_allowed: 'notice.access_denied',
  wrong_user: 'notice.wrong_user',
  csrf_token_invalid: 'notice.csrf_invalid',
  offline: 'notice.offline',
  unknown: 'notice.unknown',
}

/** The codes that have words of their own; any other is told as `unknown`. */
export const noticeCodes: readonly string[] = [...new Set([...Object.keys(NOTICES), ...Object.keys(SCRIPT_NOTICES)])]

/** The sentence for a code. */
export function noticeText(words: Words, brand: Brand, code: string, values: PageMessage['values'] = {}): string {
  if (code === 'too_many_attempts' && values.seconds === undefined) return words.t('notice.too_many_attempts_plain')
  const key = Object.hasOwn(NOTICES, code) ? NOTICES[code] : undefined
  return words.t(key ?? 'notice.unknown', { brand: brand.name, ...values })
}

/** The sentences that a script may have to show, by code. */
export function scriptNotices(words: Words, brand: Brand): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const [code, key] of Object.entries(SCRIPT_NOTICES)) texts[code] = words.t(key, { brand: brand.name })
  return texts
}

/**
 * What happened, above the form, and the region in which scripts complain. That is there from the start: a live
 * region that is added with its text is not read out.
 */
export function notices(words: Words, brand: Brand, messages: readonly PageMessage[] = []): Html {
  return html`${messages.map((message) => notice(words, brand, message))}<div id="problem" class="notice notice-error" role="alert" tabindex="-1"></div>`
}

/** Where scripts say how far a ceremony is: it takes the place of the hint before it, so that nothing moves. */
export const progress: Html = html`<p id="status" class="progress" role="status"></p>`

function notice(words: Words, brand: Brand, { level, code, values }: PageMessage): Html {
  const role = level === 'error' || level === 'warning' ? 'alert' : 'status'
  const picture = level === 'success' ? icon('check') : icon(level === 'info' ? 'info' : 'alert')
  const text = noticeText(words, brand, code, values)
  return html`<div class="notice notice-${level}" role="${role}" tabindex="-1" data-code="${code}">${picture}<p>${text}</p></div>`
}
