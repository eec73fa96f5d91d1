import { defineErrors } from '../../platform/errors.ts'

export const errors = defineErrors({
  invalid_client_metadata: { status: 400, message: 'The client metadata is not valid.' },
  invalid_redirect_uri: { status: 400, message: 'A redirect URI is not valid.' },
})
