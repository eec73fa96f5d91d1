import { listGroupsOfUser } from '../records/groups/index.ts'
import { evaluatePolicy, type Policy, type PolicyActions, type PolicyFacts } from '../records/policies/index.ts'
import type { Authentication } from '../records/sessions/index.ts'
import type { Deps, SignInOrg } from './deps.ts'
import type { Transaction, TransactionState } from './transaction.ts'

/** What the org's policies and the request together ask of this sign-in. */
export type Requirement = {
  signOn: PolicyActions['sign-on']
  access: PolicyActions['app-access']
  enrolment: PolicyActions['enrolment']
  profile: PolicyActions['profile']
  /** Proofs older than this do not count. */
  freshSince: number
}

export async function requirementOf(deps: Deps, org: SignInOrg, transaction: Transaction): Promise<Requirement> {
  const policies = await deps.cache.policies(org)
  const facts = await factsOf(deps, org, policies, transaction.state)
  const access = evaluatePolicy(policies, 'app-access', facts)
  return {
    signOn: evaluatePolicy(policies, 'sign-on', facts),
    access,
    enrolment: evaluatePolicy(policies, 'enrolment', facts),
    profile: evaluatePolicy(policies, 'profile', facts),
    freshSince: freshSince(transaction, access.reauthenticateAfterMs),
  }
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

/** Tells whether what was proven is enough: fresh, and as strong as the app's policy asks. */
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
  return rules[factors]()
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
