/**
 * Clients: the applications that people sign in to, and the services that ask for tokens of their own.
 *
 * Owns: the `client` table, the meaning of RFC 7591 metadata, which redirect URIs and authentication methods a client
 * may use, and its secrets, which are kept encrypted and are never part of a `Client`.
 * Does not own: authenticating a request (`endpoints/oauth/client-authentication`), grants (`records/grants`).
 */
export {
  acceptsAuthenticationMethod,
  type Client,
  type ClientApplicationType,
  type ClientAuthenticationMethod,
  type ClientId,
  isPublicClient,
} from './client.ts'
export { errors as clientErrors } from './errors.ts'
export { isClientOrigin, isRegisteredPostLogoutRedirectUri, isRegisteredRedirectUri } from './redirect-uris.ts'
export { renewClientSecrets } from './renewal-store.ts'
export { type ClientDefaults, clientMetadata, isClientId, parseClientMetadata } from './schema.ts'
export { type ClientField, type ClientSearch, searchClients } from './search-store.ts'
export {
  type ClientInput,
  checkClientSecret,
  deleteClient,
  findClient,
  listClients,
  loadClientSecrets,
  type SavedClient,
  saveClient,
} from './store.ts'
