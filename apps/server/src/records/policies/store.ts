import { isDeepStrictEqual } from 'node:util'
import type { Selectable } from 'kysely'
import type { Reader, Transaction } from '../../platform/database/index.ts'
import { newId } from '../../platform/ids.ts'
import { type OrgId, touchOrg } from '../orgs/index.ts'
import type { Conditions, Policy, PolicyId, PolicyType, Rule, RuleId } from './policy.ts'
import type { PolicyInput } from './schema.ts'

interface PolicyTable {
  org_id: OrgId
  id: PolicyId
  type: PolicyType
  name: string
  priority: number
  status: Policy['status']
  conditions: Conditions
  rules: readonly Rule[]
  created_at: number
  updated_at: number
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    policy: PolicyTable
  }
}

/** Lists an org's policies of every type, in the order in which they are asked. */
export async function listPolicies(db: Reader, org: OrgId): Promise<Policy[]> {
  const rows = await db
    .selectFrom('policy')
    .selectAll()
    .where('org_id', '=', org)
    .orderBy('type')
    .orderBy('priority')
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  return rows.map(fromRow)
}

export async function findPolicy(db: Reader, org: OrgId, id: PolicyId): Promise<Policy | undefined> {
  const row = await db
    .selectFrom('policy')
    .selectAll()
    .where('org_id', '=', org)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && fromRow(row)
}

export type SavedPolicy = { readonly outcome: 'created' | 'updated' | 'unchanged'; readonly policy: Policy }

/** Creates or replaces a policy with its rules; saving what is there already writes nothing. */
export async function savePolicy(tx: Transaction, org: OrgId, input: PolicyInput, now: number): Promise<SavedPolicy> {
  const { id = newId<PolicyId>('00p'), type, name, priority, status, conditions } = input
  const known = await findPolicy(tx, org, id)
  const rules = nameRules(input.rules, known?.rules ?? [])
  const changed = { type, name, priority, status, conditions, rules }
  if (known) {
    const { id: _, createdAt, updatedAt, ...kept } = known
    if (isDeepStrictEqual(kept, changed)) return { outcome: 'unchanged', policy: known }
  }
  await touchOrg(tx, org)
  const row = await tx
    .insertInto('policy')
    .values({ org_id: org, id, created_at: now, updated_at: now, ...changed })
    .onConflict((conflict) => conflict.columns(['org_id', 'id']).doUpdateSet({ updated_at: now, ...changed }))
    .returningAll()
    .executeTakeFirstOrThrow()
  return { outcome: known ? 'updated' : 'created', policy: fromRow(row) }
}

/** Deletes a policy with its rules; true when there was one. */
export async function deletePolicy(tx: Transaction, org: OrgId, id: PolicyId): Promise<boolean> {
  const row = await tx
    .deleteFrom('policy')
    .where('org_id', '=', org)
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst()
  if (row) await touchOrg(tx, org)
  return row !== undefined
}

type RuleInput = PolicyInput['rules'][number]

function nameRules(rules: readonly RuleInput[], known: readonly Rule[]): Rule[] {
  return rules.map((rule) => ({
    ...rule,
    id: rule.id ?? known.find(({ name }) => name === rule.name)?.id ?? newId<RuleId>('0pr'),
  }))
}

function fromRow(row: Selectable<PolicyTable>): Policy {
  const { id, type, name, priority, status, conditions, rules, created_at: createdAt, updated_at: updatedAt } = row
  return { id, type, name, priority, status, conditions, rules, createdAt, updatedAt } as Policy
}
