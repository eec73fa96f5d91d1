import {
  activateUser,
  changeProfile,
  createUser,
  deactivateUser,
  deleteUserInSteps,
  setPassword,
  suspendUser,
  type UserChange,
  unsuspendUser,
  vouchForAddress,
} from '../../directory/index.ts'
import { inTransaction, type Transaction } from '../../platform/database/index.ts'
import { recordEvent } from '../../records/events/index.ts'
import { addMember, type GroupId } from '../../records/groups/index.ts'
import { listPasswordChanges, searchUsers, sortUsers, type User, type UserSearch } from '../../records/users/index.ts'
import { invalid, managementErrors } from './errors.ts'
import { getNamedUser } from './find-user.ts'
import type { House } from './house.ts'
import { cursorAfter, cursorAfterSorted, cutPage, linkPages, positionOf, sortedPositionOf } from './paging.ts'
import { parseBody, parseQuery, refuseBody } from './parse.ts'
import { hashNewPassword } from './password.ts'
import type { Call, Handler, Route } from './route.ts'
import { changesOf, newProfile } from './user-profile.ts'
import { listedUser, userTypeOf, wholeUser } from './user-view.ts'
import {
  createQuery,
  filterField,
  type ListQuery,
  listQuery,
  searchField,
  type UserBody,
  userBody,
  userParams,
} from './users.schema.ts'

const manage = 'okta.users.manage'

export const userRoutes: readonly Route[] = [
  ['POST', '/api/v1/users', manage, create],
  ['GET', '/api/v1/users', 'okta.users.read', list],
  ['GET', '/api/v1/users/:id', 'okta.users.read', get],
  ['POST', '/api/v1/users/:id', manage, update('part')],
  ['PUT', '/api/v1/users/:id', manage, update('whole')],
  ['DELETE', '/api/v1/users/:id', manage, remove],
  ['POST', '/api/v1/users/:id/lifecycle/activate', manage, lifecycle(activateUser)],
  ['POST', '/api/v1/users/:id/lifecycle/deactivate', manage, lifecycle(deactivateUser)],
  ['POST', '/api/v1/users/:id/lifecycle/suspend', manage, lifecycle(suspendUser)],
  ['POST', '/api/v1/users/:id/lifecycle/unsuspend', manage, lifecycle(unsuspendUser)],
]

async function create(house: House, call: Call): Promise<object> {
  const { request, org, change } = call
  const { activate } = parseQuery(createQuery, request.query)
  const body = parseBody(userBody, request.body)
  const profile = newProfile(body)
  checkType(call, body)
  const directory = await house.cache.directory(org)
  const hash = await hashNewPassword(house, call, body.credentials?.password?.value)
  const { by, context, at } = change
  const user = await inTransaction(house.db, async (tx) => {
    const input = { directoryId: directory.id, status: 'staged', profile, isEmailVerified: false } as const
    const made = await createUser(tx, org.id, { ...input, ...(by && { by }), ...(context && { context }) }, at)
    const about = { ...change, userId: made.id }
    await vouchForAddress(tx, about, made)
    for (const id of body.groupIds ?? []) await join(tx, about, id)
    if (hash !== undefined) await setPassword(tx, about, hash)
    return activate ? await activateUser(tx, about) : made
  })
  return await show(house, call, user)
}

async function join(tx: Transaction, change: UserChange, groupId: GroupId): Promise<void> {
  const { org, userId, at, by, context } = change
  await addMember(tx, org, groupId, userId, at)
  const details = { groupId, ...(by && { actor: by }) }
  await recordEvent(tx, org, 'group.member-added', { at, userId, details, ...(context && { context }) })
}

async function list(house: House, call: Call): Promise<object> {
  const { request, reply, org } = call
  const query = parseQuery(listQuery, request.query)
  const { q, filter, search, limit = q === undefined ? 200 : 10 } = query
  if ([q, filter, search].filter((one) => one !== undefined).length > 1) throw managementErrors.search_conflict()
  const directory = await house.cache.directory(org)
  const criteria = filter ?? search
  const criteriaOfUsers = {
    directoryId: directory.id,
    limit: limit + 1,
    ...(criteria && { filter: criteria, fieldOf: filter ? filterField : searchField }),
    ignoresCase: search !== undefined,
    ...(q !== undefined && { prefix: q }),
    // Only who asks by criteria is told of those who are gone.
    without: criteria ? [] : (['deactivated'] as const),
  }
  const { users, cursorOf } = await read(house, call, query, criteriaOfUsers)
  const { page, last } = cutPage(users, limit)
  // A search by `q` has no second page.
  const hasNext = last !== undefined && q === undefined
  linkPages(request, reply, hasNext ? { after: cursorOf(last), limit: String(limit) } : undefined)
  const passwords = await listPasswordChanges(
    house.db,
    org.id,
    page.map(({ id }) => id),
  )
  return page.map((user) => listedUser(org, { user, passwordChangedAt: passwords.get(user.id) }))
}

type Page = { readonly users: readonly User[]; readonly cursorOf: (user: User) => string }

/** Reads one user more than the page holds, in the order that a search asks for or in that of their creation. */
async function read(house: House, { org }: Call, query: ListQuery, criteria: UserSearch): Promise<Page> {
  const { after, search, sortBy, sortOrder } = query
  // Okta sorts the answers of a search alone.
  if (sortBy === undefined || !search) {
    const position = after === undefined ? {} : { after: positionOf(after) }
    return { users: await searchUsers(house.db, org.id, { ...criteria, ...position }), cursorOf: cursorAfter }
  }
  const by = searchField(sortBy)
  if (!by) throw invalid('sortBy', 'sortBy: There is no such property to sort by')
  const position = after === undefined ? {} : { after: sortedPositionOf(after) }
  const order = { by, isDescending: sortOrder === 'desc', ...position }
  const sorted = await sortUsers(house.db, org.id, criteria, order)
  const keys = new Map(sorted.map(({ user, key }) => [user.id, key]))
  const cursorOf = ({ id }: User) => cursorAfterSorted({ key: keys.get(id) ?? '', id })
  return { users: sorted.map(({ user }) => user), cursorOf }
}

async function get(house: House, call: Call): Promise<object> {
  return await show(house, call, await named(house, call))
}

function update(extent: 'part' | 'whole'): Handler {
  return async (house, call) => {
    const body = parseBody(userBody, call.request.body)
    const known = await named(house, call)
    checkType(call, body)
    const profile = changesOf(known, body, extent)
    const hash = await hashNewPassword(house, call, body.credentials?.password?.value)
    const change = { ...call.change, userId: known.id }
    const user = await inTransaction(house.db, async (tx) => {
      const changed = await changeProfile(tx, change, profile)
      return hash === undefined ? changed : await setPassword(tx, change, hash)
    })
    return await show(house, call, user)
  }
}

async function remove(house: House, call: Call): Promise<undefined> {
  const { id } = await named(house, call)
  await inTransaction(house.db, (tx) => deleteUserInSteps(tx, { ...call.change, userId: id }))
}

function lifecycle(command: (tx: Transaction, change: UserChange) => Promise<User>): Handler {
  return async (house, call) => {
    refuseBody(call.request.body)
    const { id } = await named(house, call)
    await inTransaction(house.db, (tx) => command(tx, { ...call.change, userId: id }))
    return {}
  }
}

async function named(house: House, call: Call): Promise<User> {
  return await getNamedUser(house, call, parseQuery(userParams, call.request.params).id)
}

async function show({ db }: House, { org }: Call, user: User): Promise<object> {
  const passwords = await listPasswordChanges(db, org.id, [user.id])
  return wholeUser(org, { user, passwordChangedAt: passwords.get(user.id) })
}

function checkType({ org }: Call, { type }: UserBody): void {
  if (type && type.id !== userTypeOf(org.id)) throw invalid('type', 'type: There is no such user type')
}
