/**
 * Directories: where users live inside an org, each with its own users, identifiers and addresses.
 *
 * Owns: the `directory` table and the rule that an org has one default directory, which is used where nobody names one.
 * Does not own: the users in it (`records/users`), what an unknown identifier is answered (the engine reads
 * `settings.uniformAnswers`), any HTTP.
 */
export {
  type Directory,
  type DirectoryId,
  type DirectoryInput,
  type DirectorySettings,
  newDirectoryId,
} from './directory.ts'
export { errors } from './errors.ts'
export { directoryIdSchema } from './schema.ts'
export { findDirectory, getDefaultDirectory, listDirectories, saveDirectory } from './store.ts'
