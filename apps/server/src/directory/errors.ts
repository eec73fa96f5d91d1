import { defineErrors } from '../platform/errors.ts'

export const directoryErrors = defineErrors({
  last_way_to_sign_in: { status: 409, message: 'This is the only way into the account. Add another one first.' },
  user_already_active: { status: 409, message: 'The user was activated already.' },
  user_already_deactivated: { status: 409, message: 'The user was deactivated already.' },
  user_not_active: { status: 409, message: 'Only an active user can be suspended.' },
  user_not_suspended: { status: 409, message: 'Only a suspended user can be unsuspended.' },
  client_not_found: { status: 404, message: 'This client does not exist.' },
  client_id_taken: { status: 409, message: 'There is already a client with this id.' },
  client_is_active: { status: 409, message: 'A client must be deactivated before it is deleted.' },
  token_user_not_admin: { status: 403, message: 'An API token needs an administrator whose rights it has.' },
})
