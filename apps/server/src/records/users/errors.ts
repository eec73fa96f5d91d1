import { defineErrors } from '../../platform/errors.ts'

export const errors = defineErrors({
  user_not_found: { status: 404, message: 'This user does not exist.' },
  user_exists: { status: 409, message: 'There is already a user with this id.' },
  login_taken: { status: 409, message: 'This name is already in use.' },
  address_not_found: { status: 404, message: 'This user has no such address.' },
  address_taken: { status: 409, message: 'This address already belongs to somebody else.' },
  identifier_invalid: { status: 400, message: 'This name or address cannot be used.' },
})
