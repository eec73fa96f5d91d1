/**
 * Groups: sets of users that policies, claims and clients refer to.
 *
 * Owns: the `user_group` and `group_member` tables, and the built-in group Everyone, to which every user of the org
 * belongs without a row.
 * Does not own: what a group is good for, roles (`records/users`), any HTTP.
 */
export { errors } from './errors.ts'
export {
  everyone,
  type Group,
  type GroupId,
  type GroupInput,
  type GroupKind,
  type GroupMember,
  newGroupId,
} from './group.ts'
export { groupIdSchema } from './schema.ts'
export {
  addMember,
  deleteGroup,
  ensureBuiltinGroups,
  findGroup,
  findGroupByName,
  listGroups,
  listGroupsOfUser,
  listMembers,
  removeMember,
  saveGroup,
} from './store.ts'
