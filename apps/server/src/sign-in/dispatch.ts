import { findConsent } from '../records/grants/index.ts'
import type { FirstFactor } from '../records/policies/index.ts'
import { displayName, findUser } from '../records/users/index.ts'
import type { Deps, SignInOrg } from './deps.ts'
import { codeResendMs } from './email-code.ts'
import {
  factorClass,
  freshAuthentications,
  isReachable,
  isSatisfied,
  needsPasskey,
  needsPassword,
  type Requirement,
  requirementOf,
} from './requirement.ts'
import type { Method, Outcome, Transaction, TransactionState } from './transaction.ts'
import type { Step, View } from './view.ts'

type Phase = (facts: Facts) => readonly Step[] | Promise<readonly Step[]>
type Facts = { deps: Deps; org: SignInOrg; transaction: Transaction; state: TransactionState; requirement: Requirement }

/**
 * What a sign-in goes through, in order. The first phase with an open step is where it stands; when none has one,
 * everything asked for is there. Steps never call one another: each answer comes back here.
 */
const phases: readonly Phase[] = [signingUp, proving, enrolling, consenting]

/** Gives the steps that are open now, or the outcome. */
export async function viewSignIn(deps: Deps, org: SignInOrg, transaction: Transaction): Promise<View> {
  const { state } = transaction
  const shown = { transaction, notices: state.notices, ...(await userOf(deps, org, state)) }
  if (state.outcome) return { ...shown, steps: [], outcome: state.outcome }
  const requirement = await requirementOf(deps, org, transaction)
  // Nobody is led through a sign-in that cannot end well.
  if (!isReachable(requirement)) return { ...shown, steps: [], outcome: unreachable }
  for (const phase of phases) {
    const steps = await phase({ deps, org, transaction, state, requirement })
    if (steps.length > 0) return { ...shown, steps }
  }
  return { ...shown, steps: [], outcome: outcomeOf(state, requirement) }
}

const unreachable: Outcome = { kind: 'denied', reason: 'assurance_unreachable' }

/** Nothing is missing from the person; whether they may have what they came for is the app's policy to say. */
function outcomeOf({ subject, request }: TransactionState, { access }: Requirement): Outcome {
  if (!subject) throw new Error('A sign-in cannot be complete without a user')
  if (request.client && access.access === 'deny') return { kind: 'denied', reason: 'access_denied' }
  return { kind: 'complete', userId: subject.userId, sessionId: subject.sessionId }
}

function signingUp({ state, requirement }: Facts): readonly Step[] {
  if (state.mode !== 'sign-up' || state.subject) return []
  if (requirement.profile.signUp === 'closed' && !state.request.grantsRole) return [identifyStep(state, requirement)]
  if (!state.signUp) return [{ name: 'sign-up', ...(state.claim && { email: state.claim.identifier }) }]
  return [codeStep(state) ?? { name: 'send-code' }]
}

function proving({ state, requirement }: Facts): readonly Step[] {
  const { subject, claim } = state
  if (subject && isSatisfied(requirement, subject.authentications)) return []
  if (subject && mustEnrolFirst(state)) return []
  if (!claim) return [identifyStep(state, requirement)]
  const open = methodsOpen(requirement, state)
  const steps = open.flatMap((method): readonly Step[] => methodSteps[method](state))
  return state.chosen ? preferred(steps, state.chosen) : steps
}

/** Someone who has proven a mailbox, where the app asks for a passkey and they have none, makes one first. */
function mustEnrolFirst({ enrolment }: TransactionState): boolean {
  return enrolment === 'forced'
}

/** What would bring the sign-in forward: not a second proof of what is proven, where two factors are asked for. */
function methodsOpen(requirement: Requirement, { subject }: TransactionState): readonly Method[] {
  if (subject && needsPasskey(requirement)) return ['passkey']
  if (needsPassword(requirement)) return ['password']
  const allowed = methodsInOrder.filter((method) => requirement.signOn.methods.includes(firstFactorOf[method]))
  const proven = freshAuthentications(requirement, subject?.authentications ?? []).map(
    ({ method }) => factorClass[method],
  )
  const { passkeySatisfiesTwo } = requirement.access
  // A passkey with user verification may be both factors, whatever was proven before.
  return allowed.filter(
    (method) => (method === 'passkey' && passkeySatisfiesTwo) || !proven.includes(factorClass[method]),
  )
}

const methodsInOrder: readonly Method[] = ['passkey', 'email-code', 'password']

const firstFactorOf: Readonly<Record<Method, FirstFactor>> = {
  passkey: 'passkey',
  'email-code': 'email',
  password: 'password',
}

const methodSteps: Readonly<Record<Method, (state: TransactionState) => readonly Step[]>> = {
  passkey: () => [{ name: 'passkey' }],
  'email-code': (state) => [codeStep(state) ?? { name: 'send-code' }],
  password: () => [{ name: 'password' }],
}

const methodOf: Readonly<Partial<Record<Step['name'], Method>>> = {
  passkey: 'passkey',
  'send-code': 'email-code',
  code: 'email-code',
  password: 'password',
}

function preferred(steps: readonly Step[], chosen: Method): readonly Step[] {
  const isChosen = ({ name }: Step) => methodOf[name] === chosen
  return [...steps.filter(isChosen), ...steps.filter((step) => !isChosen(step))]
}

function identifyStep({ request, claim }: TransactionState, { profile, signOn }: Requirement): Step {
  const hint = claim?.identifier ?? request.loginHint
  const hasPasskeys = signOn.methods.includes('passkey')
  return { name: 'identify', canSignUp: profile.signUp === 'open', hasPasskeys, ...(hint && { loginHint: hint }) }
}

function codeStep({ emailCode }: TransactionState): Step | undefined {
  if (!emailCode) return undefined
  const { sentAt, expiresAt } = emailCode
  return { name: 'code', sentAt, resendAt: sentAt + codeResendMs, expiresAt }
}

function enrolling({ state }: Facts): readonly Step[] {
  if (state.enrolment !== 'due' && state.enrolment !== 'forced') return []
  return [{ name: 'enrol-passkey', isSkippable: state.enrolment === 'due', isNewUser: state.subject?.isNew ?? false }]
}

async function consenting({ deps, org, state, requirement }: Facts): Promise<readonly Step[]> {
  const { client, scopes } = state.request
  // Nobody is asked to allow what a policy will refuse.
  if (!client || client.isTrusted || !state.subject || requirement.access.access === 'deny') return []
  const remembered = state.request.isConsentRequired
    ? []
    : await findConsent(deps.db, org.id, state.subject.userId, client.id, client.serverId)
  const allowed = new Set([...(remembered ?? []), ...(state.allowed ?? [])])
  const missing = scopes.filter((scope) => !allowed.has(scope))
  return missing.length > 0 ? [{ name: 'consent', clientName: client.name, scopes }] : []
}

/** Names the person: who was proven, or else just what was typed. */
async function userOf({ db }: Deps, org: SignInOrg, { subject, claim }: TransactionState): Promise<Pick<View, 'user'>> {
  const user = subject && (await findUser(db, org.id, subject.userId))
  if (user) return { user: { identifier: user.login, displayName: displayName(user) } }
  return claim ? { user: { identifier: claim.identifier } } : {}
}
