import { defineErrors } from '../../platform/errors.ts'

export const errors = defineErrors({
  org_not_found: { status: 404, message: 'This org does not exist.' },
  host_invalid: { status: 400, message: 'A host is a name or an address, with a port where it is not the usual one.' },
  host_taken: { status: 409, message: 'This host already belongs to another org.' },
})
