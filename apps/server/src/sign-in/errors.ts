import { defineErrors } from '../platform/errors.ts'

/** Refusals of the engine; the same words whether or not the user exists. */
export const signInErrors = defineErrors({
  transaction_expired: { status: 404, message: 'This sign-in has expired. Start again.' },
  transaction_changed: { status: 409, message: 'This sign-in went on in another tab. Reload the page.' },
  transaction_unfinished: { status: 400, message: 'This sign-in is not finished yet.' },
  step_not_open: { status: 409, message: 'This step is not open now. Reload the page.' },
  input_invalid: { status: 400, message: 'Check what you entered and try again.' },
  identifier_invalid: { status: 400, message: 'Enter a valid email address or username.' },
  code_incorrect: { status: 401, message: 'That code is not right. Check the newest email and try again.' },
  code_expired: { status: 401, message: 'That code has expired. Ask for a new one.' },
  code_exhausted: { status: 401, message: 'That was one try too many. Ask for a new code.' },
  password_incorrect: { status: 401, message: 'The email or password is not right.' },
  too_many_attempts: { status: 429, message: 'Too many attempts. Wait a little, or use a passkey.' },
  sign_up_closed: { status: 403, message: 'New accounts cannot be created here.' },
  setup_done: { status: 409, message: 'There is an administrator already.' },
  user_not_allowed: { status: 403, message: 'This account cannot sign in. Ask whoever manages it.' },
  wrong_user: { status: 403, message: 'Sign in with the account that started this.' },
  ceremony_expired: { status: 400, message: 'This passkey request has expired. Try again.' },
  passkey_not_recognised: { status: 401, message: 'This passkey is not linked to an account here any more.' },
  passkey_refused: { status: 401, message: 'This passkey could not be verified. Try again or use another way.' },
})
