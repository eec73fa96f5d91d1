import { describe, expect, test } from 'vitest'
import type { ClientId } from '../clients/index.ts'
import type { DirectoryId } from '../directories/index.ts'
import type { GroupId } from '../groups/index.ts'
import { evaluatePolicy, fallbackActions, type PolicyFacts } from './evaluate.ts'
import type { Conditions, Policy, PolicyId, ProfileActions, Rule, RuleId } from './policy.ts'

const staff = '00gStaff' as GroupId
const admins = '00gAdmins' as GroupId
const shop = 'shop' as ClientId
const people = '0diPeople' as DirectoryId

type Shape = { priority?: number; status?: 'active' | 'inactive'; conditions?: Conditions }

const rule = (signUp: ProfileActions['signUp'], shape: Shape = {}): Rule<'profile'> => ({
  id: '0prRule' as RuleId,
  name: 'A rule',
  priority: 1,
  status: 'active',
  conditions: {},
  actions: { signUp },
  ...shape,
})

const policy = (rules: readonly Rule<'profile'>[], shape: Shape = {}): Policy => ({
  id: '00pPolicy' as PolicyId,
  type: 'profile',
  name: 'A policy',
  priority: 1,
  status: 'active',
  conditions: {},
  createdAt: 0,
  updatedAt: 0,
  ...shape,
  rules,
})

const ask = (policies: readonly Policy[], facts: PolicyFacts = { groups: [] }) =>
  evaluatePolicy(policies, 'profile', facts).signUp

describe('A policy question', () => {
  test('is answered by the rule with the lowest priority, wherever it stands', () => {
    expect(ask([policy([rule('closed', { priority: 2 }), rule('open')])])).toBe('open')
  })

  test('is answered by the policy with the lowest priority first', () => {
    const [late, early] = [policy([rule('closed')], { priority: 20 }), policy([rule('open')], { priority: 10 })]
    expect(ask([late, early])).toBe('open')
  })

  test('is answered by the first listed of two with the same priority', () => {
    expect(ask([policy([rule('open')]), policy([rule('closed')])])).toBe('open')
    expect(ask([policy([rule('open'), rule('closed')])])).toBe('open')
  })

  test('passes over what is inactive', () => {
    expect(ask([policy([rule('closed')], { status: 'inactive' }), policy([rule('open')])])).toBe('open')
    expect(ask([policy([rule('closed', { status: 'inactive' }), rule('open')])])).toBe('open')
  })

  test('goes on to the next policy where none of the rules matches', () => {
    const first = policy([rule('closed', { conditions: { groups: [staff] } })])
    expect(ask([first, policy([rule('open')], { priority: 2 })])).toBe('open')
  })

  test('ignores policies of another type', () => {
    const other: Policy = {
      ...policy([]),
      type: 'password',
      priority: 0,
      rules: [{ ...rule('open'), actions: { minLength: 8 } }],
    }
    expect(ask([other, policy([rule('open')])])).toBe('open')
    expect(evaluatePolicy([other], 'password', { groups: [] })).toEqual({ minLength: 8 })
  })

  const everything: Conditions = { groups: [staff, admins], clients: [shop], directories: [people] }
  test.each<[string, Conditions, PolicyFacts, boolean]>([
    ['no condition, nothing known', {}, { groups: [] }, true],
    ['one of the groups', { groups: [staff, admins] }, { groups: [admins] }, true],
    ['none of the groups', { groups: [staff] }, { groups: [admins] }, false],
    ['no group at all', { groups: [staff] }, { groups: [] }, false],
    ['the client', { clients: [shop] }, { groups: [], clientId: shop }, true],
    ['another client', { clients: [shop] }, { groups: [], clientId: 'other' as ClientId }, false],
    ['no client', { clients: [shop] }, { groups: [] }, false],
    ['the directory', { directories: [people] }, { groups: [], directoryId: people }, true],
    ['no directory', { directories: [people] }, { groups: [] }, false],
    ['all of them', everything, { groups: [staff], clientId: shop, directoryId: people }, true],
    ['all but one', everything, { groups: [staff], clientId: shop }, false],
  ])('asks of conditions that each holds: %s', (_, conditions, facts, isMatch) => {
    const answer = isMatch ? 'open' : 'closed'
    expect(ask([policy([rule('open')], { conditions })], facts)).toBe(answer)
    expect(ask([policy([rule('open', { conditions })])], facts)).toBe(answer)
  })

  test('has the safest answer where nothing matches', () => {
    expect(evaluatePolicy([], 'app-access', { groups: [] })).toEqual({
      access: 'deny',
      factors: 'phishing-resistant',
      passkeySatisfiesTwo: false,
    })
    expect(ask([policy([])])).toBe('closed')
    expect(fallbackActions['sign-on']).toMatchObject({ methods: ['passkey'], userVerification: 'required' })
    expect(fallbackActions.password.minLength).toBeGreaterThanOrEqual(15)
  })
})
