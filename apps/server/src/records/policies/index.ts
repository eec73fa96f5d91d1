/**
 * Policies: one record that answers every "may they, must they" of signing in, and one evaluator for all of its types.
 *
 * Owns: the `policy` table with its rules, the meaning of conditions and priorities, the actions of each type, and the
 * answer where no rule matches.
 * Does not own: acting on the answer (`sign-in`, `authorization`), measuring assurance (`records/sessions`).
 */
export { ensureDefaultPolicies } from './defaults.ts'
export { errors as policyErrors } from './errors.ts'
export { evaluatePolicy, fallbackActions, type PolicyFacts } from './evaluate.ts'
export type {
  ActionsOf,
  AppAccessActions,
  Conditions,
  EnrolmentActions,
  FirstFactor,
  PasswordActions,
  Policy,
  PolicyActions,
  PolicyId,
  PolicyType,
  ProfileActions,
  Rule,
  RuleId,
  SignOnActions,
} from './policy.ts'
export { type PolicyInput, parsePolicy, policySchema } from './schema.ts'
export { deletePolicy, findPolicy, listPolicies, type SavedPolicy, savePolicy } from './store.ts'
