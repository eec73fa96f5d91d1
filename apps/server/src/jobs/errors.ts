import { defineErrors } from '../platform/errors.ts'

export const errors = defineErrors({
  mail_not_configured: { status: 500, message: 'There is no mail server. Set LATCHKEY_SMTP_URL.' },
  mail_unreadable: { status: 500, message: 'This release does not know how to write this mail.' },
  mail_timed_out: { status: 500, message: 'The mail server did not answer in time.' },
  key_rotated_already: { status: 409, message: 'Another process has rotated this key.' },
})
