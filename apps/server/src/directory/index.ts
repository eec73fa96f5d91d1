/**
 * Directory: what can happen to a user, whoever asks for it: the pages, management, SCIM or a blueprint.
 *
 * Owns: the use cases that change people and their passkeys, each with its event and the mail that tells its owner.
 * Does not own: SQL (`records`), who may ask (`access`), proving who somebody is (`sign-in`).
 */
export { deviceName } from './device-name.ts'
export { directoryErrors } from './errors.ts'
export { type MailOrder, type MailTemplate, notifyUser, sendMail } from './notify.ts'
export { addPasskey, type PasskeyChange, removePasskey, renamePasskey } from './passkeys.ts'
export { type CreateUser, createUser } from './users.ts'
