import { defineErrors } from '../platform/errors.ts'

export const directoryErrors = defineErrors({
  last_way_to_sign_in: { status: 409, message: 'This is the only way into the account. Add another one first.' },
})
