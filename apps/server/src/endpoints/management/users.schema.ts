import { z } from 'zod'
import { parseFilter } from '../../platform/filter/index.ts'
import { groupIdSchema } from '../../records/groups/index.ts'
import { isEmail, type ProfileValue, type UserField } from '../../records/users/index.ts'
import { limitUpTo } from './paging.ts'
import { userStatuses } from './user-view.ts'

const flag = z.enum(['true', 'false']).transform((text) => text === 'true')

/** The attributes that every user of Okta's has. */
export const baseAttributes: ReadonlySet<string> = new Set(
  [
    ['login', 'email', 'secondEmail', 'firstName', 'lastName', 'middleName', 'honorificPrefix', 'honorificSuffix'],
    ['title', 'displayName', 'nickName', 'profileUrl', 'primaryPhone', 'mobilePhone', 'streetAddress', 'city'],
    ['state', 'zipCode', 'countryCode', 'postalAddress', 'preferredLanguage', 'locale', 'timezone', 'userType'],
    ['employeeNumber', 'costCenter', 'organization', 'division', 'department', 'managerId', 'manager'],
  ].flat(),
)

const value = z.union([
  z.string().max(2_000),
  z.number(),
  z.boolean(),
  z.null(),
  z.array(z.string().max(2_000)).max(100),
])
const address = z.string({ error: 'The field cannot be left blank' }).max(100)
const name = z.string().max(50).nullish()

/** What may stand in a profile; which attributes there are is looked at where the user is known. */
const profile = z
  .object({
    login: address.refine(isEmail, 'Username must be in the form of an email address').optional(),
    email: address.refine(isEmail, 'Does not match required pattern').optional(),
    secondEmail: z.union([z.literal(''), address.refine(isEmail, 'Does not match required pattern')]).nullish(),
    firstName: name,
    lastName: name,
    displayName: z.string().max(200).nullish(),
  })
  .catchall(value)
  .transform((attributes) => toProfile(attributes))

function toProfile(attributes: Record<string, ProfileValue | undefined>): Record<string, ProfileValue> {
  const entries = Object.entries(attributes).flatMap(([attribute, given]) =>
    given === undefined ? [] : [[attribute, given === '' ? null : given] as const],
  )
  return Object.fromEntries(entries)
}

const credentials = z.object({
  password: z
    .object({
      value: z.string().min(1, 'The field cannot be left blank').optional(),
      hash: z.never('Importing password hashes is not supported').optional(),
      hook: z.never('Password inline hooks are not supported').optional(),
    })
    .optional(),
  recovery_question: z.never('Recovery questions are not supported').optional(),
  provider: z.object({ type: z.literal('OKTA', 'Only the provider OKTA is supported') }).optional(),
})

/** What a user is created from, or made to be. What Okta shows of a user and cannot be written is passed over. */
export const userBody = z.object({
  profile: profile.optional(),
  credentials: credentials.optional(),
  groupIds: z.array(groupIdSchema).max(20).optional(),
  type: z.object({ id: z.string() }).optional(),
})
export type UserBody = z.output<typeof userBody>

export const userParams = z.object({ id: z.string().min(1).max(300) })

export const createQuery = z.object({
  activate: flag.default(true),
  provider: z.literal('false', 'Only the provider OKTA is supported').optional(),
  nextlogin: z.never('nextlogin is not supported').optional(),
  nextLogin: z.never('nextLogin is not supported').optional(),
})

export const listQuery = z
  .object({
    q: z.string().trim().min(1).max(200).optional(),
    filter: z
      .string()
      .transform((text) => parseFilter(text))
      .optional(),
    search: z
      .string()
      .transform((text) => parseFilter(text))
      .optional(),
    limit: limitUpTo(200).optional(),
    after: z.string().optional(),
    sortBy: z.string().max(200).optional(),
    sortOrder: z.enum(['asc', 'desc'], 'Must be asc or desc').default('asc'),
  })
  .loose()
export type ListQuery = z.output<typeof listQuery>

type Field = UserField | undefined

const filterable: Readonly<Record<string, UserField>> = {
  id: { field: 'id', operators: ['eq'] },
  status: { field: 'status', names: userStatuses, operators: ['eq'] },
  lastUpdated: { field: 'updatedAt' },
  'profile.login': { field: 'profile', attribute: 'login', operators: ['eq'] },
  'profile.email': { field: 'profile', attribute: 'email', operators: ['eq'] },
  'profile.firstName': { field: 'profile', attribute: 'firstName', operators: ['eq'] },
  'profile.lastName': { field: 'profile', attribute: 'lastName', operators: ['eq'] },
}

/** The few attributes that `filter` knows. */
export function filterField(attribute: string): Field {
  return Object.hasOwn(filterable, attribute) ? filterable[attribute] : undefined
}

const searchable: Readonly<Record<string, UserField>> = {
  id: { field: 'id' },
  status: { field: 'status', names: userStatuses },
  created: { field: 'createdAt' },
  activated: { field: 'activatedAt' },
  statusChanged: { field: 'statusChangedAt' },
  lastUpdated: { field: 'updatedAt' },
  lastLogin: { field: 'lastLoginAt' },
}

/** What `search` knows: every attribute of the profile too, those of the org's own included. */
export function searchField(attribute: string): Field {
  if (Object.hasOwn(searchable, attribute)) return searchable[attribute]
  const member = attribute.startsWith('profile.') ? attribute.slice('profile.'.length) : ''
  return /^[A-Za-z]\w{0,99}$/.test(member) ? { field: 'profile', attribute: member } : undefined
}
