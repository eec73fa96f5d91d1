/**
 * Users: people's records, with the identifiers and addresses they are found by.
 *
 * Owns: the `person`, `identifier`, `address`, `password` and `role_assignment` tables; how identifiers and addresses
 * are written to be compared; that an identifier names one user of a directory, and that an address is proven by one.
 * Does not own: what may happen to a user and when (`directory/`), passkeys (`records/credentials`), hashing passwords,
 * sessions, any HTTP.
 */
export { findVerifiedAddress, listAddresses, removeAddress, saveAddress, verifyAddress } from './addresses/store.ts'
export { errors } from './errors.ts'
export { isEmail, isIdentifier, normaliseEmail, normaliseIdentifier, normaliseTyped } from './identifier.ts'
export { findPasswordHash, listPasswordChanges, removePassword, savePasswordHash } from './passwords/store.ts'
export { addRole, hasUserWithRole, listRoles, removeRole } from './roles/store.ts'
export { userIdSchema } from './schema.ts'
export {
  findUsers,
  type SortedUser,
  searchUsers,
  sortUsers,
  type UserField,
  type UserOrder,
  type UserSearch,
} from './search-store.ts'
export {
  deleteUser,
  findUser,
  findUserByIdentifier,
  getUser,
  insertUser,
  listUsers,
  moveUserStatus,
  saveLastLogin,
  savePasskeySnooze,
  setUserStatus,
  updateUser,
} from './store.ts'
export {
  type Address,
  type AddressKind,
  canSignIn,
  displayName,
  type NewUser,
  newUserId,
  type Profile,
  type ProfileValue,
  type Role,
  type User,
  type UserId,
  type UserPatch,
  type UserStatus,
  userHandleOf,
} from './user.ts'
