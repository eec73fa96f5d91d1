import { defineErrors } from '../platform/errors.ts'

export const errors = defineErrors({
  assets_not_bundled: { status: 500, message: 'The scripts of the pages could not be bundled.' },
})
