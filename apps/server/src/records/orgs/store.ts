import { isDeepStrictEqual } from 'node:util'
import { sql } from 'kysely'
import { prepare, type Reader, type Transaction } from '../../platform/database/index.ts'
import { errors } from './errors.ts'
import { normaliseHost, type Org, type OrgId, type OrgInput, type OrgSettings, withoutPort } from './org.ts'

type OrgTable = { id: OrgId; name: string; settings: OrgSettings; version: number; created_at: number }
type OrgHostTable = { host: string; org_id: OrgId; position: number }

declare module '../../platform/database/schema.ts' {
  interface Schema {
    org: OrgTable
    org_host: OrgHostTable
  }
}

const columns = ['org.id', 'org.name', 'org.settings', 'org.version', 'org.created_at'] as const

/** Finds the org that a request's host means; a host with a port is also found under its name alone. */
export async function findOrgByHost(db: Reader, host: string): Promise<Org | undefined> {
  const full = normaliseHost(host)
  if (full === undefined) return undefined
  return toOrgs(await selectByHost(db, { full, bare: withoutPort(full) }))[0]
}

/**
 * Finds which org a request's host means, and how new it is.
 *
 * Every request asks this; the org itself is then in a cache by its version, and is read only when that has changed.
 */
export async function findOrgVersionByHost(db: Reader, host: string): Promise<Pick<Org, 'id' | 'version'> | undefined> {
  const full = normaliseHost(host)
  if (full === undefined) return undefined
  return (await selectVersionByHost(db, { full, bare: withoutPort(full) }))[0]
}

type Names = { full: string; bare: string }

const selectByHost = prepare((db, names: Names) => selectOrgs(db).where('org.id', '=', meantBy(db, names)))

const selectVersionByHost = prepare((db, names: Names) =>
  db.selectFrom('org').select(['id', 'version']).where('id', '=', meantBy(db, names)),
)

/** The full name counts before the bare one. */
function meantBy(db: Reader, { full, bare }: Names) {
  return db
    .selectFrom('org_host')
    .select('org_id')
    .where('host', 'in', [full, bare])
    .orderBy(sql`length(host)`, 'desc')
    .limit(1)
}

export async function findOrg(db: Reader, id: OrgId): Promise<Org | undefined> {
  return toOrgs(await selectOrgs(db).where('org.id', '=', id).execute())[0]
}

/** @throws {LatchkeyError} `org_not_found` */
export async function getOrg(db: Reader, id: OrgId): Promise<Org> {
  const org = await findOrg(db, id)
  if (!org) throw errors.org_not_found()
  return org
}

/** Lists all orgs in the order of their creation: there are few, and they are needed together. */
export async function listOrgs(db: Reader): Promise<Org[]> {
  return toOrgs(await selectOrgs(db).orderBy('org.created_at').orderBy('org.id').execute())
}

/**
 * Creates an org, or makes it what is given.
 *
 * @returns whether anything changed
 * @throws {LatchkeyError} `host_invalid`, `host_taken`
 */
export async function saveOrg(tx: Transaction, input: OrgInput, now: number): Promise<boolean> {
  const hosts = [...new Set(input.hosts.map(checkHost))]
  if (await insertOrg(tx, input, now)) {
    await replaceHosts(tx, input.id, hosts)
    return true
  }
  const known = await getOrg(tx, input.id)
  if (isSame(known, { ...input, hosts })) return false
  await touchOrg(tx, input.id)
  await tx.updateTable('org').set({ name: input.name, settings: input.settings }).where('id', '=', input.id).execute()
  if (!isDeepStrictEqual(known.hosts, hosts)) await replaceHosts(tx, input.id, hosts)
  return true
}

/** Two processes that start at once both want the first org: one makes it, the other finds it. */
async function insertOrg(tx: Transaction, { id, name, settings }: OrgInput, now: number): Promise<boolean> {
  const inserted = await tx
    .insertInto('org')
    .values({ id, name, settings, version: 1, created_at: now })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .executeTakeFirst()
  return inserted !== undefined
}

/**
 * Raises the org's version, so that nothing cached before is used again.
 *
 * It also makes changes of one org's set-up wait for one another until the transaction ends.
 *
 * @throws {LatchkeyError} `org_not_found`
 */
export async function touchOrg(tx: Transaction, org: OrgId): Promise<void> {
  const touched = await tx
    .updateTable('org')
    .set({ version: sql<number>`version + 1` })
    .where('id', '=', org)
    .executeTakeFirst()
  if (touched.numUpdatedRows === 0n) throw errors.org_not_found()
}

async function replaceHosts(tx: Transaction, org: OrgId, hosts: readonly string[]): Promise<void> {
  await tx.deleteFrom('org_host').where('org_id', '=', org).execute()
  if (hosts.length === 0) return
  const added = await tx
    .insertInto('org_host')
    .values(hosts.map((host, position) => ({ host, org_id: org, position })))
    .onConflict((conflict) => conflict.doNothing())
    .returning('host')
    .execute()
  const taken = hosts.find((host) => !added.some((row) => row.host === host))
  if (taken !== undefined) throw errors.host_taken({ details: { host: taken } })
}

function checkHost(text: string): string {
  const host = normaliseHost(text)
  if (host === undefined) throw errors.host_invalid({ details: { host: text } })
  return host
}

function isSame(known: Org, input: OrgInput): boolean {
  const { name, settings, hosts } = known
  return isDeepStrictEqual(
    { name, settings, hosts },
    { name: input.name, settings: input.settings, hosts: input.hosts },
  )
}

function selectOrgs(db: Reader) {
  return db
    .selectFrom('org')
    .leftJoin('org_host', 'org_host.org_id', 'org.id')
    .select(columns)
    .select('org_host.host')
    .orderBy('org_host.position')
}

/** Gathers the rows, one for each host, into their orgs. */
function toOrgs(rows: readonly (OrgTable & { host: string | null })[]): Org[] {
  const orgs = new Map<OrgId, Org & { hosts: string[] }>()
  for (const { id, name, version, settings, created_at: createdAt, host } of rows) {
    const org = orgs.get(id) ?? { id, name, version, settings, hosts: [], createdAt }
    if (host !== null) org.hosts.push(host)
    orgs.set(id, org)
  }
  return [...orgs.values()]
}
