/**
 * Directory: what can happen to a user or a client, whoever asks for it: the pages, management, SCIM or a blueprint.
 *
 * Owns: the use cases that change people, their passkeys and clients, each with its event and the mail that tells its
 * owner.
 * Does not own: SQL (`records`), who may ask (`access`), proving who somebody is (`sign-in`).
 */
export { createApiToken, endApiToken, type NewToken } from './api-tokens.ts'
export type { Actor, Change, UserChange } from './change.ts'
export { type ClientChange, createClient, removeClient, setClientStatus, updateClient } from './clients.ts'
export { deviceName } from './device-name.ts'
export { directoryErrors } from './errors.ts'
export { activateUser, deactivateUser, deleteUserInSteps, suspendUser, unsuspendUser } from './lifecycle.ts'
export { type MailOrder, type MailTemplate, notifyUser, sendMail } from './notify.ts'
export { addPasskey, type PasskeyChange, removePasskey, renamePasskey } from './passkeys.ts'
export { changeProfile, setPassword, vouchForAddress } from './profile.ts'
export { endSessionWithGrants } from './sessions.ts'
export { type CreateUser, createUser } from './users.ts'
