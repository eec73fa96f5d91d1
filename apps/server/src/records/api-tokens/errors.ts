import { defineErrors } from '../../platform/errors.ts'

export const errors = defineErrors({
  api_token_taken: { status: 409, message: 'An API token with this value exists already.' },
})
