import { listGroupsOfUser } from '../records/groups/index.ts'
import {
  evaluatePolicy,
  type FirstFactor,
  type Policy,
  type PolicyActions,
  type PolicyFacts,
} from '../records/policies/index.ts'
import { type Assurance, type Authentication, reachesAssurance } from '../records/sessions/index.ts'
import type { Deps, SignInOrg } from './deps.ts'
import type { Transaction, TransactionState } from './transaction.ts'

type Factors = PolicyActions['app-access']['factors']

/** What the org's policies and the request together ask of this sign-in. */
export type Requirement = {
  signOn: PolicyActions['sign-on']
  /** With the factors that the policy or the client asks for, whichever are the stronger. */
  access: PolicyActions['app-access']
  /** What the policy asks for itself. */
  policyFactors: Factors
  enrolment: PolicyActions['enrolment']
  profile: PolicyActions['profile']
  /** What the client asks for, of which one will do; empty where it leaves that to the policies. */
  assurances: readonly Assurance[]
  /** Proofs older than this do not count. */
  freshSince: number
}

export async function requirementOf(deps: Deps, org: SignInOrg, transaction: Transaction): Promise<Requirement> {
  const policies = await deps.cache.policies(org)
  const facts = await factsOf(deps, org, policies, transaction.state)
  const access = evaluatePolicy(policies, 'app-access', facts)
  const assurances = transaction.state.request.requiredAssurance ?? []
  return {
    signOn: evaluatePolicy(policies, 'sign-on', facts),
    access: { ...access, factors: strongerOf(access.factors, assurances) },
    policyFactors: access.factors,
    enrolment: evaluatePolicy(policies, 'enrolment', facts),
    profile: evaluatePolicy(policies, 'profile', facts),
    assurances,
    freshSince: freshSince(transaction, access.reauthenticateAfterMs),
  }
}

const ranks: Readonly<Record<Factors, number>> = {
  any: 0,
  two: 1,
  passkey: 2,
  'phishing-resistant': 2,
  'device-bound': 3,
}

/** Of several that the client would take, the one that is easiest to give. */
function strongerOf(factors: Factors, assurances: readonly Assurance[]): Factors {
  const asked = assurances.map((assurance): Factors => (assurance === 'password' ? 'any' : assurance))
  const [easiest = 'any'] = asked.toSorted((a, b) => ranks[a] - ranks[b])
  return ranks[easiest] > ranks[factors] ? easiest : factors
}

async function factsOf(deps: Deps, org: SignInOrg, policies: readonly Policy[], state: TransactionState) {
  const userId = state.subject?.userId ?? state.claim?.userId
  // Groups cost a query, and most orgs have no rule that asks for them.
  const asksGroups = policies.some((policy) =>
    [policy, ...policy.rules].some(({ conditions }) => (conditions.groups?.length ?? 0) > 0),
  )
  const groups = userId && asksGroups ? (await listGroupsOfUser(deps.db, org.id, userId)).map(({ id }) => id) : []
  const facts: PolicyFacts = { groups, directoryId: state.directoryId }
  return state.request.client ? { ...facts, clientId: state.request.client.id } : facts
}

/** Measured from the start of the transaction, so that a proof does not grow stale while the consent page is read. */
function freshSince({ createdAt, state }: Transaction, reauthenticateAfterMs: number | undefined): number {
  const { isFreshRequired, maxAgeMs } = state.request
  const ages = [isFreshRequired ? 0 : undefined, maxAgeMs, reauthenticateAfterMs].filter((age) => age !== undefined)
  return ages.length === 0 ? 0 : createdAt - Math.min(...ages)
}

/** Tells whether what was proven is enough: fresh, and as strong as the app's policy and its client ask. */
export function isSatisfied(requirement: Requirement, authentications: readonly Authentication[]): boolean {
  const fresh = freshAuthentications(requirement, authentications)
  const { factors, passkeySatisfiesTwo } = requirement.access
  const passkeys = fresh.filter(({ method }) => method === 'passkey')
  const rules: Readonly<Record<typeof factors, () => boolean>> = {
    any: () => fresh.length > 0,
    passkey: () => passkeys.length > 0,
    'phishing-resistant': () => passkeys.length > 0,
    'device-bound': () => passkeys.some(({ deviceBound }) => deviceBound),
    two: () =>
      (passkeySatisfiesTwo && passkeys.some(({ userVerified }) => userVerified)) ||
      new Set(fresh.map(({ method }) => factorClass[method])).size > 1,
  }
  return rules[factors]() && rules[requirement.policyFactors]() && isAssured(requirement, fresh)
}

function isAssured({ assurances }: Requirement, proofs: readonly Authentication[]): boolean {
  return assurances.length === 0 || assurances.some((assurance) => reachesAssurance(proofs, assurance))
}

/** Tells whether nothing but a password brings this sign-in forward. */
export function needsPassword({ assurances }: Requirement): boolean {
  return assurances.length > 0 && assurances.every((one) => one === 'password')
}

/** Tells whether the methods that people may use here can give what the client asks for. */
export function isReachable({ assurances, access, signOn: { methods } }: Requirement): boolean {
  const has = (method: FirstFactor) => methods.includes(method)
  const can: Readonly<Record<Assurance, boolean>> = {
    'device-bound': has('passkey'),
    'phishing-resistant': has('passkey'),
    two: (has('passkey') && access.passkeySatisfiesTwo) || (has('password') && (has('email') || has('passkey'))),
    password: has('password'),
    any: true,
  }
  return assurances.length === 0 || assurances.some((assurance) => can[assurance])
}

/** The proofs that are young enough to count. */
export function freshAuthentications(
  { freshSince }: Requirement,
  all: readonly Authentication[],
): readonly Authentication[] {
  return all.filter(({ at }) => at >= freshSince)
}

/** The app takes nothing but a passkey. */
export function needsPasskey({ access }: Requirement): boolean {
  return ['passkey', 'phishing-resistant', 'device-bound'].includes(access.factors)
}

/** Two proofs of one class are one factor: a second code from the same mailbox proves nothing new. */
export const factorClass: Readonly<Record<Authentication['method'], string>> = {
  passkey: 'possession',
  'email-code': 'possession',
  'setup-code': 'possession',
  password: 'knowledge',
  federated: 'federated',
}
