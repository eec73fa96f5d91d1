import type { Profile, ProfileValue, User } from '../../records/users/index.ts'
import { invalid } from './errors.ts'
import { baseAttributes, type UserBody } from './users.schema.ts'

type Given = Readonly<Record<string, ProfileValue>>

/** Reads the profile of a new user. @throws {LatchkeyError} `validation_failed` */
export function newProfile({ profile = {} }: UserBody): Profile {
  refuseUnknown(profile, baseAttributes)
  const given = Object.entries(profile).filter(([, value]) => value !== null)
  return { ...Object.fromEntries(given), login: textOf(profile, 'login'), email: textOf(profile, 'email') }
}

/**
 * Tells what is to change about a user's profile: of the whole, what is not given goes.
 *
 * @throws {LatchkeyError} `validation_failed`
 */
export function changesOf(user: User, { profile = {} }: UserBody, extent: 'part' | 'whole'): Given {
  refuseUnknown(profile, new Set([...baseAttributes, ...Object.keys(user.profile)]))
  const needed = ['login', 'email'].filter((name) => extent === 'whole' || Object.hasOwn(profile, name))
  for (const name of needed) textOf(profile, name)
  if (extent === 'part') return profile
  const gone = Object.keys(user.profile).map((name) => [name, null])
  return { ...Object.fromEntries(gone), ...profile }
}

function refuseUnknown(profile: Given, known: ReadonlySet<string>): void {
  const unknown = Object.keys(profile).filter((name) => !known.has(name))
  const causes = unknown.slice(0, 20).map((name) => `${name}: The schema of users has no such attribute`)
  if (unknown[0] !== undefined) throw invalid(unknown[0].slice(0, 100), ...causes)
}

function textOf(profile: Given, name: string): string {
  const text = profile[name]
  if (typeof text !== 'string') throw invalid(name, `${name}: The field cannot be left blank`)
  return text
}
