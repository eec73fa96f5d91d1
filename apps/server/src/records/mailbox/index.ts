/**
 * Mailbox: the messages that development mode shows on a page instead of sending them.
 *
 * Owns: the `mailbox` table and its bound of 200 messages for each org. Messages hold codes and links as they are read,
 * so nothing may be kept here outside development mode.
 * Does not own: composing and sending mail, the page that shows it.
 */
export { type KeptMail, type MailId, type MailInput, mailboxSize } from './mail.ts'
export { findMail, keepMail, listMail } from './store.ts'
