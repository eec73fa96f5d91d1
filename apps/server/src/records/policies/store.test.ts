import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Database, inTransaction } from '../../platform/database/index.ts'
import { describeEachDatabase } from '../../platform/database/testing.ts'
import { getOrg, type OrgId } from '../orgs/index.ts'
import { makeOrg, testTime as t0 } from '../orgs/testing.ts'
import { ensureDefaultPolicies } from './defaults.ts'
import { evaluatePolicy } from './evaluate.ts'
import { type PolicyInput, parsePolicy } from './schema.ts'
import { deletePolicy, findPolicy, listPolicies, savePolicy } from './store.ts'

const signOn = {
  type: 'sign-on',
  name: 'Staff',
  priority: 5,
  conditions: { groups: ['00gStaff'] },
  rules: [
    { name: 'First', actions: { sessionIdleMs: 600_000, sessionLifetimeMs: 3_600_000, methods: ['passkey'] } },
    {
      name: 'Second',
      priority: 2,
      status: 'inactive',
      actions: { sessionIdleMs: 600_000, sessionLifetimeMs: 3_600_000, methods: ['password', 'email'] },
    },
  ],
}

describe('A policy as an operator writes it', () => {
  test('gets what it leaves out', () => {
    expect(
      parsePolicy({ type: 'app-access', name: 'Apps', rules: [{ name: 'All', actions: { access: 'allow' } }] }),
    ).toEqual({
      type: 'app-access',
      name: 'Apps',
      priority: 1,
      status: 'active',
      conditions: {},
      rules: [
        {
          name: 'All',
          priority: 1,
          status: 'active',
          conditions: {},
          actions: { access: 'allow', factors: 'any', passkeySatisfiesTwo: true },
        },
      ],
    })
  })

  const ruleOf = (actions: unknown) => [{ name: 'A rule', actions }]
  test.each<[member: string, policy: unknown]>([
    ['', null],
    ['type', { ...signOn, type: 'risk' }],
    ['name', { ...signOn, name: '' }],
    ['priority', { ...signOn, priority: -1 }],
    ['', { ...signOn, colour: 'red' }],
    ['conditions', { ...signOn, conditions: { users: ['x'] } }],
    ['conditions.groups', { ...signOn, conditions: { groups: [] } }],
    ['rules.0.actions', { ...signOn, rules: ruleOf({ signUp: 'open' }) }],
    [
      'rules.0.actions.methods',
      { ...signOn, rules: [{ ...signOn.rules[0], actions: { ...signOn.rules[0]?.actions, methods: [] } }] },
    ],
    ['rules.0.actions.minLength', { type: 'password', name: 'P', rules: ruleOf({ minLength: 4 }) }],
    ['rules.0.actions.signUp', { type: 'profile', name: 'P', rules: ruleOf({ signUp: 'maybe' }) }],
    ['rules.0.actions.access', { type: 'app-access', name: 'P', rules: ruleOf({ access: 'ask' }) }],
    ['rules.0.actions.passkey', { type: 'enrolment', name: 'P', rules: ruleOf({ passkey: 'always' }) }],
  ])('is refused by the path of the mistake: %s %j', (member, policy) => {
    expect(() => parsePolicy(policy)).toThrow(
      expect.objectContaining({ code: 'policy_invalid', details: { member: expect.stringContaining(member) } }),
    )
  })
})

describeEachDatabase('Policies', (open) => {
  let db: Database
  let org: OrgId
  beforeAll(async () => {
    db = await open()
  })
  beforeEach(async () => {
    org = await makeOrg(db)
  })
  const save = (input: PolicyInput, now = t0) => inTransaction(db, (tx) => savePolicy(tx, org, input, now))
  const ensure = () => inTransaction(db, (tx) => ensureDefaultPolicies(tx, org, t0))
  const version = async () => (await getOrg(db, org)).version

  test('come back as they were kept, with ids of their own', async () => {
    const { outcome, policy } = await save(parsePolicy(signOn))
    expect(outcome).toBe('created')
    expect(policy).toMatchObject({
      name: 'Staff',
      priority: 5,
      createdAt: t0,
      rules: [{ name: 'First' }, { name: 'Second' }],
    })
    expect(policy.id).toMatch(/^00p[0-9A-Za-z]{17}$/)
    for (const rule of policy.rules) expect(rule.id).toMatch(/^0pr[0-9A-Za-z]{17}$/)
    expect(await findPolicy(db, org, policy.id)).toEqual(policy)
  })

  test('saved again unchanged, stay as they are, also when the rules are named without ids', async () => {
    const { policy } = await save(parsePolicy(signOn))
    const before = await version()
    const again = await save({ ...parsePolicy(signOn), id: policy.id }, t0 + 5)
    expect(again).toEqual({ outcome: 'unchanged', policy })
    expect(await version()).toBe(before)
  })

  test('are changed with their rules, and so is the version of the org', async () => {
    const { policy } = await save(parsePolicy(signOn))
    const before = await version()
    const rules = [
      { ...signOn.rules[1], status: 'active' },
      { ...signOn.rules[0], name: 'New' },
    ]
    const saved = await save({ ...parsePolicy({ ...signOn, rules }), id: policy.id }, t0 + 5)
    expect(saved.outcome).toBe('updated')
    expect(saved.policy).toMatchObject({ createdAt: t0, updatedAt: t0 + 5 })
    expect(saved.policy.rules.map(({ name }) => name)).toEqual(['Second', 'New'])
    expect(saved.policy.rules[0]?.id).toBe(policy.rules[1]?.id)
    expect(saved.policy.rules[1]?.id).not.toBe(policy.rules[0]?.id)
    expect(await findPolicy(db, org, policy.id)).toEqual(saved.policy)
    expect(await version()).toBe(before + 1)
  })

  test('are listed in the order in which they are asked', async () => {
    const last = await save(parsePolicy({ ...signOn, name: 'Last', priority: 9 }))
    const second = await save(parsePolicy({ ...signOn, name: 'Second' }), t0 + 1)
    const first = await save(parsePolicy({ ...signOn, name: 'First' }), t0)
    expect((await listPolicies(db, org)).map(({ id }) => id)).toEqual([
      first.policy.id,
      second.policy.id,
      last.policy.id,
    ])
  })

  test('are deleted once', async () => {
    const { policy } = await save(parsePolicy(signOn))
    const before = await version()
    const remove = () => inTransaction(db, (tx) => deletePolicy(tx, org, policy.id))
    expect(await remove()).toBe(true)
    expect(await remove()).toBe(false)
    expect(await listPolicies(db, org)).toEqual([])
    expect(await version()).toBe(before + 1)
  })

  test('are there by default, one of each type, once', async () => {
    expect(await ensure()).toBe(true)
    const policies = await listPolicies(db, org)
    expect(policies.map(({ type }) => type)).toEqual(['app-access', 'enrolment', 'password', 'profile', 'sign-on'])
    for (const { id, rules } of policies)
      expect([id, rules[0]?.id]).toEqual([expect.stringMatching(/^00p.{17}$/), expect.stringMatching(/^0pr.{17}$/)])
    expect(evaluatePolicy(policies, 'app-access', { groups: [] }).access).toBe('allow')
    expect(evaluatePolicy(policies, 'profile', { groups: [] }).signUp).toBe('open')
    expect(evaluatePolicy(policies, 'sign-on', { groups: [] }).methods[0]).toBe('passkey')
    const before = await version()
    expect(await ensure()).toBe(false)
    expect(await version()).toBe(before)
  })

  test('made by default by two processes at once are made once', async () => {
    await Promise.all([ensure(), ensure(), ensure()])
    expect(await listPolicies(db, org)).toHaveLength(5)
  })

  test('that an administrator has replaced do not come back', async () => {
    await save(parsePolicy(signOn))
    await ensure()
    expect((await listPolicies(db, org)).filter(({ type }) => type === 'sign-on')).toHaveLength(1)
  })

  test('of one org cannot be found, listed, changed or deleted from another', async () => {
    const { policy } = await save(parsePolicy(signOn))
    const other = await makeOrg(db)
    expect(await findPolicy(db, other, policy.id)).toBeUndefined()
    expect(await listPolicies(db, other)).toEqual([])
    expect(await inTransaction(db, (tx) => deletePolicy(tx, other, policy.id))).toBe(false)
    const theirs = { ...parsePolicy({ ...signOn, name: 'Theirs' }), id: policy.id }
    expect((await inTransaction(db, (tx) => savePolicy(tx, other, theirs, t0))).outcome).toBe('created')
    expect(await findPolicy(db, org, policy.id)).toEqual(policy)
  })
})
