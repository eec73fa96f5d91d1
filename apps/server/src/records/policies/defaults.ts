import { day, hour } from '../../platform/clock.ts'
import type { Transaction } from '../../platform/database/index.ts'
import type { OrgId } from '../orgs/index.ts'
import type { PolicyActions, PolicyType } from './policy.ts'
import { parsePolicy } from './schema.ts'
import { listPolicies, savePolicy } from './store.ts'

/** What a new org does until somebody decides otherwise: anyone signs up, a passkey is offered first and never forced. */
const defaults: PolicyActions = {
  'sign-on': {
    sessionIdleMs: 2 * hour,
    sessionLifetimeMs: day,
    methods: ['passkey', 'email', 'password'],
    userVerification: 'required',
  },
  'app-access': { access: 'allow', factors: 'any', passkeySatisfiesTwo: true },
  enrolment: { passkey: 'optional', snoozeMs: 30 * day },
  profile: { signUp: 'open' },
  password: { minLength: 12 },
}

/** The same in every org, so that two processes that start at once make one policy and not two. */
const names: Record<PolicyType, string> = {
  'sign-on': 'DefaultSignOn0000',
  'app-access': 'DefaultAppAccess0',
  enrolment: 'DefaultEnrolment0',
  profile: 'DefaultProfile000',
  password: 'DefaultPassword00',
}

/** Behind every policy that an administrator adds without saying where it stands. */
const last = 1_000

const policies = (['sign-on', 'app-access', 'enrolment', 'profile', 'password'] as const).map((type) =>
  parsePolicy({
    id: `00p${names[type]}`,
    type,
    name: 'Default policy',
    priority: last,
    rules: [{ id: `0pr${names[type]}`, name: 'Default rule', priority: last, actions: defaults[type] }],
  }),
)

/**
 * Gives an org a policy of each type that it has none of.
 *
 * @returns whether any was missing
 */
export async function ensureDefaultPolicies(tx: Transaction, org: OrgId, now: number): Promise<boolean> {
  const known = new Set((await listPolicies(tx, org)).map(({ type }) => type))
  const missing = policies.filter(({ type }) => !known.has(type))
  for (const policy of missing) await savePolicy(tx, org, policy, now)
  return missing.length > 0
}
