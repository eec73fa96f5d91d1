import { isDeepStrictEqual } from 'node:util'
import type { Reader, Transaction } from '../../platform/database/index.ts'
import { type OrgId, touchOrg } from '../orgs/index.ts'
import {
  type Directory,
  type DirectoryId,
  type DirectoryInput,
  type DirectorySettings,
  defaultSettings,
} from './directory.ts'
import { errors } from './errors.ts'

type DirectoryTable = {
  org_id: OrgId
  id: DirectoryId
  name: string
  is_default: boolean
  settings: Partial<DirectorySettings>
  created_at: number
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    directory: DirectoryTable
  }
}

/** @throws {LatchkeyError} `default_directory_missing` */
export async function getDefaultDirectory(db: Reader, org: OrgId): Promise<Directory> {
  const row = await db
    .selectFrom('directory')
    .selectAll()
    .where('org_id', '=', org)
    .where('is_default', '=', true)
    .executeTakeFirst()
  if (!row) throw errors.default_directory_missing()
  return toDirectory(row)
}

export async function findDirectory(db: Reader, org: OrgId, id: DirectoryId): Promise<Directory | undefined> {
  const row = await db
    .selectFrom('directory')
    .selectAll()
    .where('org_id', '=', org)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && toDirectory(row)
}

/** Lists an org's directories in the order of their creation: there are few. */
export async function listDirectories(db: Reader, org: OrgId): Promise<Directory[]> {
  const rows = await db
    .selectFrom('directory')
    .selectAll()
    .where('org_id', '=', org)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  return rows.map(toDirectory)
}

/**
 * Creates a directory, or makes it what is given. The first one of an org becomes its default.
 *
 * @returns whether anything changed; then the org's version is raised too
 */
export async function saveDirectory(tx: Transaction, org: OrgId, input: DirectoryInput, now: number): Promise<boolean> {
  const all = await listDirectories(tx, org)
  const known = all.find((directory) => directory.id === input.id)
  const wanted: Directory = {
    id: input.id,
    name: input.name,
    isDefault: input.isDefault === true || known?.isDefault === true || all.length === 0,
    settings: { ...(known?.settings ?? defaultSettings), ...input.settings },
    createdAt: known?.createdAt ?? now,
  }
  if (known && isDeepStrictEqual(known, wanted)) return false
  await touchOrg(tx, org)
  if (wanted.isDefault) await clearDefault(tx, org)
  const { name, isDefault: is_default, settings } = wanted
  await tx
    .insertInto('directory')
    .values({ org_id: org, id: wanted.id, name, is_default, settings, created_at: wanted.createdAt })
    .onConflict((conflict) => conflict.columns(['org_id', 'id']).doUpdateSet({ name, is_default, settings }))
    .execute()
  return true
}

/** There is one default at most, by a unique index, so the old one has to go first. */
async function clearDefault(tx: Transaction, org: OrgId): Promise<void> {
  await tx
    .updateTable('directory')
    .set({ is_default: false })
    .where('org_id', '=', org)
    .where('is_default', '=', true)
    .execute()
}

function toDirectory(row: DirectoryTable): Directory {
  const { id, name, is_default: isDefault, created_at: createdAt } = row
  return { id, name, isDefault, settings: { ...defaultSettings, ...row.settings }, createdAt }
}
