/**
 * Keys: what authorization servers sign tokens with, and how one key gives way to the next.
 *
 * Owns: the `signing_key` table. A server has a current key and a next one, which is published before it signs so that
 * clients which cache the keys know it in time; a retired one stays published until its last token has expired. Which
 * key signs is read from the clock, so that all processes change over at the same moment. Private keys lie encrypted.
 * Does not own: signing, token lifetimes, when a rotation is due.
 */
export { errors } from './errors.ts'
export { type NewSigningKey, newSigningKey } from './generate.ts'
export {
  currentKey,
  type KeyId,
  nextKey,
  type PublicJwk,
  publishedKeys,
  type SigningAlgorithm,
  type SigningKey,
} from './key.ts'
export { renewPrivateKeys } from './renewal-store.ts'
export { keyIdSchema } from './schema.ts'
export {
  ensureSigningKeys,
  listSigningKeys,
  loadPrivateKey,
  type Rotation,
  type RotationOptions,
  removeExpiredKeys,
  rotateSigningKeys,
} from './store.ts'
