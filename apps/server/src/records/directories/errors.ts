import { defineErrors } from '../../platform/errors.ts'

export const errors = defineErrors({
  directory_not_found: { status: 404, message: 'This directory does not exist.' },
  default_directory_missing: { status: 500, message: 'This org has no default directory.' },
})
