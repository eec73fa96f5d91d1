import { defineErrors } from '../../platform/errors.ts'

export const errors = defineErrors({
  origin_invalid: { status: 400, message: 'An origin is a scheme (https or http), a host and perhaps a port.' },
})
