import { defineErrors } from '../../platform/errors.ts'

export const errors = defineErrors({
  authorization_server_invalid: { status: 400, message: 'The authorization server is not valid.' },
})
