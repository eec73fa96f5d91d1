/**
 * Authorization servers: an org has its own (`org`), one called `default`, and any number of custom ones.
 *
 * Owns: the `authorization_server` table: audiences, scopes, claims and lifetimes of what each issues.
 * Does not own: issuer URLs and documents (`endpoints/oauth`), signing keys (`records/keys`), minting (`authorization`).
 */
export {
  type AuthorizationServer,
  type AuthorizationServerSettings,
  type ClaimRule,
  type ClaimValue,
  defaultServerId,
  defaultSettings,
  type GroupFilter,
  orgServerId,
  type Scope,
  type ServerId,
  standardScopes,
} from './authorization-server.ts'
export { errors as authorizationServerErrors } from './errors.ts'
export { type AuthorizationServerInput, authorizationServerSchema, parseAuthorizationServer } from './schema.ts'
export {
  ensureDefaultServers,
  findAuthorizationServer,
  listAuthorizationServers,
  type SavedAuthorizationServer,
  saveAuthorizationServer,
} from './store.ts'
