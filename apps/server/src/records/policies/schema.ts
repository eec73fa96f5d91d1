import { z } from 'zod'
import { errors } from './errors.ts'
import type { PolicyId, PolicyOf, PolicyType, Rule, RuleId } from './policy.ts'

const year = 366 * 24 * 60 * 60 * 1_000
const duration = z.int().min(0).max(year)
const status = z.enum(['active', 'inactive']).default('active')
const priority = z.int().min(0).max(1_000_000).default(1)
const name = z.string().trim().min(1).max(200)
/** An empty list would match nobody, where everybody was meant more often. */
const ids = z.array(z.string().min(1).max(100)).min(1).max(1_000).optional()
const conditions = z.strictObject({ groups: ids, clients: ids, directories: ids }).default({})

const actions = {
  'sign-on': z.strictObject({
    sessionIdleMs: duration.min(60_000),
    sessionLifetimeMs: duration.min(60_000),
    methods: z
      .array(z.enum(['passkey', 'password', 'email']))
      .min(1)
      .refine((methods) => new Set(methods).size === methods.length, 'Each method can be named once.'),
    userVerification: z.enum(['required', 'preferred', 'discouraged']).default('required'),
  }),
  'app-access': z.strictObject({
    access: z.enum(['allow', 'deny']),
    factors: z.enum(['any', 'passkey', 'two', 'phishing-resistant', 'device-bound']).default('any'),
    reauthenticateAfterMs: duration.optional(),
    passkeySatisfiesTwo: z.boolean().default(true),
  }),
  enrolment: z.strictObject({
    passkey: z.enum(['required', 'optional', 'off']),
    snoozeMs: duration.default(30 * 24 * 60 * 60 * 1_000),
  }),
  profile: z.strictObject({ signUp: z.enum(['open', 'closed']) }),
  // NIST SP 800-63B-4 §3.1.1.2: at least 8, and no upper bound below 64.
  password: z.strictObject({ minLength: z.int().min(8).max(64) }),
} as const satisfies Record<PolicyType, z.ZodType>

function policyOf<Type extends PolicyType, Actions extends z.ZodType>(type: Type, ofType: Actions) {
  const rule = z.strictObject({
    id: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,100}$/)
      .optional(),
    name,
    priority,
    status,
    conditions,
    actions: ofType,
  })
  return z.strictObject({
    id: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,100}$/)
      .optional(),
    type: z.literal(type),
    name,
    priority,
    status,
    conditions,
    rules: z.array(rule).max(200).default([]),
  })
}

/** A policy as an operator writes it; what a blueprint or the management API accepts. */
export const policySchema = z.discriminatedUnion('type', [
  policyOf('sign-on', actions['sign-on']),
  policyOf('app-access', actions['app-access']),
  policyOf('enrolment', actions.enrolment),
  policyOf('profile', actions.profile),
  policyOf('password', actions.password),
])

type InputOf<Type extends PolicyType> = Omit<PolicyOf<Type>, 'id' | 'rules' | 'createdAt' | 'updatedAt'> & {
  readonly id?: PolicyId
  readonly rules: readonly (Omit<Rule<Type>, 'id'> & { readonly id?: RuleId })[]
}

/** A policy to be kept. Without `id` it is a new one; a rule without one keeps the id that it has under its name. */
export type PolicyInput = { [Type in PolicyType]: InputOf<Type> }[PolicyType]

/** @throws {LatchkeyError} `policy_invalid`, with the path of the mistake in `details.member` */
export function parsePolicy(input: unknown): PolicyInput {
  const parsed = policySchema.safeParse(input)
  // The cast is where plain ids become branded ones.
  if (parsed.success) return parsed.data as unknown as PolicyInput
  const issue = parsed.error.issues[0]
  const member = issue?.path.join('.') ?? ''
  throw errors.policy_invalid({ message: `${member || 'The policy'}: ${issue?.message}`, details: { member } })
}
