import { hour, minute } from '../../platform/clock.ts'
import type { ClientId } from '../clients/index.ts'
import type { DirectoryId } from '../directories/index.ts'
import type { GroupId } from '../groups/index.ts'
import type { ActionsOf, Conditions, Policy, PolicyOf, PolicyType, Rule } from './policy.ts'

/** What is known about the one who asks. */
export type PolicyFacts = {
  readonly groups: readonly GroupId[]
  readonly clientId?: ClientId | undefined
  readonly directoryId?: DirectoryId | undefined
}

/**
 * What holds where no active rule matches: the least that an org without policies can have meant.
 *
 * Only passkeys begin a sign-in, sessions are short, no client is let in, nobody signs up. Passkeys may still be
 * created, since refusing them would leave weaker means.
 */
export const fallbackActions: { readonly [Type in PolicyType]: ActionsOf<Type> } = {
  'sign-on': {
    sessionIdleMs: 15 * minute,
    sessionLifetimeMs: hour,
    methods: ['passkey'],
    userVerification: 'required',
  },
  'app-access': { access: 'deny', factors: 'phishing-resistant', passkeySatisfiesTwo: false },
  enrolment: { passkey: 'optional', snoozeMs: 0 },
  profile: { signUp: 'closed' },
  password: { minLength: 15 },
}

/**
 * Answers a policy question: the actions of the first active rule that matches, in the order of priority.
 *
 * Policies come first by their own priority; one that matches but has no matching rule leaves it to the next one.
 */
export function evaluatePolicy<Type extends PolicyType>(
  policies: readonly Policy[],
  type: Type,
  facts: PolicyFacts,
): ActionsOf<Type> {
  for (const policy of inOrder(policies)) {
    if (!isOfType(policy, type) || !matches(policy, facts)) continue
    const rules: readonly Rule<Type>[] = policy.rules
    const rule = inOrder(rules).find((candidate) => matches(candidate, facts))
    if (rule) return rule.actions
  }
  return fallbackActions[type]
}

function isOfType<Type extends PolicyType>(
  policy: { readonly type: PolicyType },
  type: Type,
): policy is PolicyOf<Type> {
  return policy.type === type
}

/** Sorting is stable: of two with the same priority, the one listed first (the older policy) comes first. */
function inOrder<T extends { readonly priority: number }>(all: readonly T[]): T[] {
  return all.toSorted((a, b) => a.priority - b.priority)
}

function matches(
  { status, conditions }: { readonly status: 'active' | 'inactive'; readonly conditions: Conditions },
  facts: PolicyFacts,
): boolean {
  if (status !== 'active') return false
  const { groups, clients, directories } = conditions
  if (groups && !groups.some((group) => facts.groups.includes(group))) return false
  if (clients && !(facts.clientId && clients.includes(facts.clientId))) return false
  return !directories || (facts.directoryId !== undefined && directories.includes(facts.directoryId))
}
