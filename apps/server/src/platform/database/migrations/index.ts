import type { Migration } from '../migration.ts'
import { foundations } from './0001-foundations.ts'
import { people } from './0002-people.ts'
import { clients } from './0003-clients.ts'
import { signIn } from './0004-sign-in.ts'

/** Every change of the schema, in order. Migrations only expand: the previous release runs on this schema. */
export const migrations: readonly Migration[] = [foundations, people, clients, signIn]
