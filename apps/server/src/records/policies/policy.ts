import type { Brand } from '../../platform/brand.ts'
import type { ClientId } from '../clients/index.ts'
import type { DirectoryId } from '../directories/index.ts'
import type { GroupId } from '../groups/index.ts'

export type PolicyId = Brand<string, 'PolicyId'>
export type RuleId = Brand<string, 'RuleId'>

export type FirstFactor = 'passkey' | 'password' | 'email'

/** How one may begin, and how long a session then lasts. */
export type SignOnActions = {
  readonly sessionIdleMs: number
  readonly sessionLifetimeMs: number
  readonly methods: readonly FirstFactor[]
  /** Whether a passkey must check a PIN or a biometric. */
  readonly userVerification: 'required' | 'preferred' | 'discouraged'
}

/** What a client's users must have proven before it gets anything. */
export type AppAccessActions = {
  readonly access: 'allow' | 'deny'
  readonly factors: 'any' | 'passkey' | 'two' | 'phishing-resistant' | 'device-bound'
  readonly reauthenticateAfterMs?: number
  /** A passkey with user verification counts as two factors: what one has, and what one knows or is. */
  readonly passkeySatisfiesTwo: boolean
}

/** Whether a passkey is asked for after a sign-in without one, and how long "not now" lasts. */
export type EnrolmentActions = { readonly passkey: 'required' | 'optional' | 'off'; readonly snoozeMs: number }

/** Who may create a profile. */
export type ProfileActions = { readonly signUp: 'open' | 'closed' }

export type PasswordActions = { readonly minLength: number }

/** The actions of each type of policy. */
export type PolicyActions = {
  'sign-on': SignOnActions
  'app-access': AppAccessActions
  enrolment: EnrolmentActions
  profile: ProfileActions
  password: PasswordActions
}

export type PolicyType = keyof PolicyActions

export type ActionsOf<Type extends PolicyType> = PolicyActions[Type]

/** Whom a policy or rule is about. What is absent does not matter; of what is there, one must be given. */
export type Conditions = {
  readonly groups?: readonly GroupId[]
  readonly clients?: readonly ClientId[]
  readonly directories?: readonly DirectoryId[]
}

export type Rule<Type extends PolicyType = PolicyType> = {
  readonly id: RuleId
  readonly name: string
  /** Lower comes first. */
  readonly priority: number
  readonly status: 'active' | 'inactive'
  readonly conditions: Conditions
  readonly actions: ActionsOf<Type>
}

export type PolicyOf<Type extends PolicyType> = {
  readonly id: PolicyId
  readonly type: Type
  readonly name: string
  /** Lower comes first. */
  readonly priority: number
  readonly status: 'active' | 'inactive'
  readonly conditions: Conditions
  readonly rules: readonly Rule<Type>[]
  readonly createdAt: number
  readonly updatedAt: number
}

/** A policy of any type; comparing `type` tells the type of the actions. */
export type Policy = { [Type in PolicyType]: PolicyOf<Type> }[PolicyType]
