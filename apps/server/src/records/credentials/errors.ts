import { defineErrors } from '../../platform/errors.ts'

export const errors = defineErrors({
  passkey_not_found: { status: 404, message: 'This passkey does not exist.' },
  passkey_already_registered: { status: 409, message: 'This passkey is already registered.' },
  passkey_limit_reached: { status: 409, message: 'No more passkeys can be added. Remove one first.' },
  passkey_name_invalid: { status: 400, message: 'A passkey needs a name of 1 to 100 characters.' },
})
