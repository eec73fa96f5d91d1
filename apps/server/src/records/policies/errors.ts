import { defineErrors } from '../../platform/errors.ts'

export const errors = defineErrors({
  policy_invalid: { status: 400, message: 'The policy is not valid.' },
})
