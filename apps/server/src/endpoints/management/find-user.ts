import type { DirectoryId } from '../../records/directories/index.ts'
import {
  findUser,
  findUserByIdentifier,
  isIdentifier,
  searchUsers,
  type User,
  userIdSchema,
} from '../../records/users/index.ts'
import { notFound } from './errors.ts'
import type { House } from './house.ts'
import type { Call } from './route.ts'

/**
 * Finds the user whom an address of the API names: by id, by login, by the part of the login before its `@` where one
 * user alone has it, or `me`, the user of the token.
 *
 * @throws {LatchkeyError} `resource_not_found`; whoever is in another directory is not there
 */
export async function getNamedUser(house: House, { org, principal }: Call, name: string): Promise<User> {
  const directory = await house.cache.directory(org)
  const id = name === 'me' ? (principal.userId ?? '') : name
  const parsed = userIdSchema.safeParse(id)
  const byId = parsed.success ? await findUser(house.db, org.id, parsed.data) : undefined
  if (byId?.directoryId === directory.id) return byId
  const user = name === 'me' ? undefined : await findByLogin(house, org.id, directory.id, name)
  if (!user) throw notFound(name, 'User')
  return user
}

async function findByLogin({ db }: House, org: Call['org']['id'], directoryId: DirectoryId, login: string) {
  const user = await findUserByIdentifier(db, org, directoryId, login)
  if (user || login.includes('@') || !isIdentifier(login)) return user
  const filter = { kind: 'compare', attribute: 'login', operator: 'sw', value: `${login}@` } as const
  const field = { field: 'login' } as const
  const found = await searchUsers(db, org, { directoryId, limit: 2, filter, fieldOf: () => field, ignoresCase: true })
  return found.length === 1 ? found[0] : undefined
}
