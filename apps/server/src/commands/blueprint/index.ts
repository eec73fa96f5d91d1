/**
 * Blueprints: a JSON file that says which orgs there are and what they hold.
 *
 * Owns: the shape of the file, its published JSON Schema, and what applying it does: create and update, in one
 * transaction for each org, so that a second application changes nothing.
 * Does not own: what each thing must be (its record says), when a blueprint is applied (`apply`, `start` and `dev`).
 */
export { type AppliedOrg, applyBlueprint } from './apply.ts'
export { blueprintJsonSchema } from './json-schema.ts'
export { readBlueprint } from './read.ts'
export { parseBlueprint } from './schema.ts'
