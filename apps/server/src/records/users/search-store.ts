import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely'
import { type Database, dialectOf } from '../../platform/database/index.ts'
import {
  compileFilter,
  type Filter,
  type FilterField,
  type FilterOperator,
  jsonText,
} from '../../platform/filter/index.ts'
import type { DirectoryId } from '../directories/index.ts'
import type { OrgId } from '../orgs/index.ts'
import { toUser } from './row.ts'
import type { User, UserId, UserStatus } from './user.ts'

/** What of a user a filter's attribute means; each dialect has names of its own for them. */
export type UserField = (
  | { readonly field: 'id' | 'login' | 'createdAt' | 'activatedAt' | 'statusChangedAt' | 'updatedAt' | 'lastLoginAt' }
  | { readonly field: 'status'; readonly names: Readonly<Record<string, UserStatus>> }
  | { readonly field: 'profile'; readonly attribute: string }
) & { readonly operators?: readonly (FilterOperator | 'pr')[] }

/** Users by something of theirs and then by id; who has it not comes first. */
export type UserOrder = {
  readonly by: UserField
  readonly isDescending: boolean
  /** What the last one of the page before was sorted by. */
  readonly after?: { readonly key: string | number; readonly id: string }
}

/** A user and what they were sorted by. */
export type SortedUser = { readonly user: User; readonly key: string | number }

export type UserSearch = {
  readonly directoryId: DirectoryId
  readonly limit: number
  /** The last one of the page before. */
  readonly after?: { readonly createdAt: number; readonly id: string }
  readonly filter?: Filter
  /** Must be given with `filter`. */
  readonly fieldOf?: (attribute: string) => UserField | undefined
  /** Whether texts are compared with letters of either case alike. */
  readonly ignoresCase?: boolean
  /** The beginning of a first name, last name, e-mail address or login, in either case. */
  readonly prefix?: string
  /** Users of these statuses are left out. */
  readonly without?: readonly UserStatus[]
}

/**
 * Lists users by (created, id) that match all that is asked.
 *
 * @throws {LatchkeyError} `filter_attribute_unknown`, `filter_operator_unsupported`, `filter_value_mistyped`
 */
export async function searchUsers(db: Database, org: OrgId, search: UserSearch): Promise<User[]> {
  const { limit, after } = search
  let users = matching(db, org, search).selectAll()
  if (after) {
    users = users.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('created_at', 'id'), '>', tuple(after.createdAt, after.id as UserId)),
    )
  }
  return (await users.orderBy('created_at').orderBy('id').limit(limit).execute()).map(toUser)
}

/** Lists the same in another order; `after` of the search does not count. @throws what `searchUsers` throws */
export async function sortUsers(
  db: Database,
  org: OrgId,
  search: Omit<UserSearch, 'after'>,
  { by, isDescending, after }: UserOrder,
): Promise<SortedUser[]> {
  const key = keyOf(db, by)
  const [direction, beyond] = isDescending ? (['desc', sql`<`] as const) : (['asc', sql`>`] as const)
  let users = matching(db, org, search).selectAll().select(key.as('sort_key'))
  if (after) users = users.where(sql<SqlBool>`(${key}, person.id) ${beyond} (${after.key}, ${after.id})`)
  const rows = await users.orderBy('sort_key', direction).orderBy('id', direction).limit(search.limit).execute()
  return rows.map(({ sort_key: sortKey, ...row }) => ({ user: toUser(row), key: sortKey }))
}

function keyOf(db: Database, field: UserField): RawBuilder<string | number> {
  const column = columnOf(field)
  if (column.type === 'time') return sql<number>`coalesce(${column.sql}, 0)`
  const text = column.type === 'json' ? jsonText(column.sql, column.member, dialectOf(db)) : column.sql
  // In letters of either case alike, and byte by byte in any locale.
  const folded = sql<string>`lower(coalesce(${text}, ''))`
  return dialectOf(db) === 'postgres' ? sql<string>`(${folded} collate "C")` : folded
}

function matching(db: Database, org: OrgId, search: Omit<UserSearch, 'after'>) {
  const { directoryId, prefix, without = [] } = search
  return db
    .selectFrom('person')
    .where('org_id', '=', org)
    .where('directory_id', '=', directoryId)
    .where(conditionOf(db, search))
    .$if(without.length > 0, (query) => query.where('status', 'not in', without))
    .$if(prefix !== undefined, (query) => query.where(startsWith(db, prefix ?? '')))
}

/** Finds those of some ids that are users; for names beside ids. */
export async function findUsers(db: Database, org: OrgId, ids: readonly UserId[]): Promise<User[]> {
  // PostgreSQL knows no empty list.
  if (ids.length === 0) return []
  return (await db.selectFrom('person').selectAll().where('org_id', '=', org).where('id', 'in', ids).execute()).map(
    toUser,
  )
}

function conditionOf(
  db: Database,
  { filter, fieldOf, ignoresCase = false }: Omit<UserSearch, 'after'>,
): Expression<SqlBool> {
  if (!filter) return sql<SqlBool>`(1 = 1)`
  const toField = (attribute: string) => {
    const field = fieldOf?.(attribute)
    return field && { ...columnOf(field), ignoresCase, ...(field.operators && { operators: field.operators }) }
  }
  return compileFilter(filter, { dialect: dialectOf(db), fieldOf: toField })
}

const columns = {
  id: { type: 'text', sql: sql<string>`person.id` },
  login: { type: 'text', sql: sql<string>`person.login` },
  createdAt: { type: 'time', sql: sql<number>`person.created_at` },
  activatedAt: { type: 'time', sql: sql<number | null>`person.activated_at` },
  statusChangedAt: { type: 'time', sql: sql<number>`person.status_changed_at` },
  updatedAt: { type: 'time', sql: sql<number>`person.updated_at` },
  lastLoginAt: { type: 'time', sql: sql<number | null>`person.last_login_at` },
} as const satisfies Record<string, FilterField>

function columnOf(field: UserField): FilterField {
  if (field.field === 'status') return { type: 'choice', sql: sql<string>`person.status`, choices: field.names }
  if (field.field === 'profile') return { type: 'json', sql: sql`person.profile`, member: field.attribute }
  return columns[field.field]
}

const prefixed = ['login', 'email', 'firstName', 'lastName']

function startsWith(db: Database, value: string): Expression<SqlBool> {
  const filters = prefixed.map((attribute) => ({ kind: 'compare', attribute, operator: 'sw', value }) as const)
  return compileFilter(
    { kind: 'or', filters },
    {
      dialect: dialectOf(db),
      fieldOf: (member) => ({ type: 'json', sql: sql`person.profile`, member, ignoresCase: true }),
    },
  )
}
