import { defineErrors } from '../../platform/errors.ts'

export const errors = defineErrors({
  group_not_found: { status: 404, message: 'This group does not exist.' },
  group_name_taken: { status: 409, message: 'There is already a group of this name.' },
  group_is_builtin: { status: 403, message: 'This group is built in: it cannot be changed or deleted.' },
})
