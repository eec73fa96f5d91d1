import { defineErrors } from '../errors.ts'

export const filterErrors = defineErrors({
  filter_malformed: { status: 400, message: 'The filter is malformed.' },
  filter_too_complex: { status: 400, message: 'The filter is too long, too deep or has too many comparisons.' },
  filter_attribute_unknown: { status: 400, message: 'The filter names an attribute that cannot be filtered by.' },
  filter_operator_unsupported: {
    status: 400,
    message: 'The filter uses an operator that its attribute does not have.',
  },
  filter_value_mistyped: { status: 400, message: 'The filter compares an attribute with a value of another type.' },
})
