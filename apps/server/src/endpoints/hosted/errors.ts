import { defineErrors } from '../../platform/errors.ts'

export const hostedErrors = defineErrors({
  not_signed_in: { status: 401, message: 'Sign in first.' },
  reauthentication_required: { status: 401, message: 'Confirm that it is you, then try again.' },
  setup_code_incorrect: { status: 401, message: 'That code is not right. The newest one is in the server log.' },
  session_not_found: { status: 404, message: 'This session has ended already.' },
})
