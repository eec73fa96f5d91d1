/**
 * Commands: the verbs of the `latchkey` binary.
 *
 * Owns: what the command line accepts, what each verb prints and exits with, blueprints, and what every org is given
 * at its beginning.
 * Does not own: what happens once the server listens (`app.ts` and the rooms it mounts).
 */
export { runCommandLine } from './command-line.ts'
