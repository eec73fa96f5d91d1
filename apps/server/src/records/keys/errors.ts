import { defineErrors } from '../../platform/errors.ts'

export const errors = defineErrors({
  signing_key_not_found: { status: 500, message: 'This signing key does not exist.' },
  next_signing_key_missing: { status: 500, message: 'There is no next key that could take over.' },
})
