import { type Expression, type SqlBool, sql } from 'kysely'
import { type Database, dialectOf } from '../../platform/database/index.ts'
import { compileFilter, type Filter, type FilterField } from '../../platform/filter/index.ts'
import type { OrgId } from '../orgs/index.ts'
import type { Client, ClientId } from './client.ts'
import { fromRow } from './store.ts'

/** What of a client a filter's attribute means; `constant` is the same for all of them. */
export type ClientField =
  | { readonly field: 'id' | 'name' }
  | { readonly field: 'status'; readonly names: Readonly<Record<string, Client['status']>> }
  | { readonly field: 'constant'; readonly value: string }

export type ClientSearch = {
  readonly limit: number
  /** The last one of the page before. */
  readonly after?: { readonly createdAt: number; readonly id: string }
  readonly filter?: Filter
  /** Must be given with `filter`. */
  readonly fieldOf?: (attribute: string) => ClientField | undefined
  /** The beginning of the name, in either case. */
  readonly prefix?: string
}

/**
 * Lists clients by (created, id) that match all that is asked.
 *
 * @throws {LatchkeyError} `filter_attribute_unknown`, `filter_operator_unsupported`, `filter_value_mistyped`
 */
export async function searchClients(db: Database, org: OrgId, search: ClientSearch): Promise<Client[]> {
  const { limit, after, filter, fieldOf, prefix } = search
  let clients = db.selectFrom('client').selectAll().where('org_id', '=', org)
  if (filter) clients = clients.where(conditionOf(db, filter, (attribute) => columnOf(fieldOf?.(attribute))))
  if (prefix !== undefined) {
    const startsWith = { kind: 'compare', attribute: 'name', operator: 'sw', value: prefix } as const
    clients = clients.where(conditionOf(db, startsWith, () => ({ ...columns.name, ignoresCase: true })))
  }
  if (after) {
    clients = clients.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('created_at', 'id'), '>', tuple(after.createdAt, after.id as ClientId)),
    )
  }
  return (await clients.orderBy('created_at').orderBy('id').limit(limit).execute()).map(fromRow)
}

type FieldOf = (attribute: string) => FilterField | undefined

function conditionOf(db: Database, filter: Filter, fieldOf: FieldOf): Expression<SqlBool> {
  return compileFilter(filter, { dialect: dialectOf(db), fieldOf })
}

const columns = {
  id: { type: 'text', sql: sql<string>`client.id` },
  name: { type: 'text', sql: sql<string>`client.name` },
} as const satisfies Record<string, FilterField>

function columnOf(field: ClientField | undefined): FilterField | undefined {
  if (field?.field === 'status') return { type: 'choice', sql: sql<string>`client.status`, choices: field.names }
  if (field?.field === 'constant') return { type: 'text', sql: sql<string>`cast(${field.value} as text)` }
  return field && columns[field.field]
}
