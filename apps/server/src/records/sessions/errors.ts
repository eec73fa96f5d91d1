import { defineErrors } from '../../platform/errors.ts'

export const errors = defineErrors({
  session_not_found: { status: 404, message: 'This session has ended. Sign in again.' },
})
