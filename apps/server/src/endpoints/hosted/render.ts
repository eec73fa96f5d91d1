import type { FastifyReply, FastifyRequest } from 'fastify'
import { csrfTokenFor } from '../../access/index.ts'
import {
  type Alternative,
  codePage,
  consentPage,
  enrolPasskeyPage,
  identifyPage,
  type PageMessage,
  passkeyPage,
  passwordPage,
  signUpPage,
  type TransactionPageData,
} from '../../pages/index.ts'
import { minute } from '../../platform/clock.ts'
import type { Step, StepName, View } from '../../sign-in/index.ts'
import { type House, pageData } from './house.ts'

/** What went wrong with the answer before, shown on the page of the step that is open. */
export type Mishap = { code: string; values?: PageMessage['values']; typed?: Readonly<Record<string, string>> }

export type Shown = {
  house: House
  request: FastifyRequest
  reply: FastifyReply
  handle: string
  view: View
  mishap?: Mishap
}

type Drawing<Name extends StepName> = (facts: {
  step: Extract<Step, { name: Name }>
  data: TransactionPageData
  shown: Shown
  identifier: string
}) => string

/** One page for each step; the engine says which, the page says how. */
const drawings: { readonly [Name in StepName]: Drawing<Name> } = {
  identify: ({ step, data, shown }) =>
    identifyPage({
      ...data,
      ...optional('identifier', shown.mishap?.typed?.identifier ?? step.loginHint),
      passkeys: step.hasPasskeys ? 'both' : 'none',
      canSignUp: step.canSignUp,
    }),
  passkey: ({ data, identifier }) => passkeyPage({ ...data, identifier }),
  'send-code': ({ data, identifier }) =>
    codePage({ ...data, identifier, ...addressIn(identifier), isSent: false, lifetimeMinutes: 10 }),
  code: ({ step, data, shown, identifier }) =>
    codePage({
      ...data,
      identifier,
      ...addressIn(identifier),
      isSent: true,
      lifetimeMinutes: Math.round((step.expiresAt - step.sentAt) / minute),
      resendInSeconds: Math.max(0, Math.ceil((step.resendAt - shown.house.now()) / 1000)),
      isUniform: shown.view.transaction.state.mode === 'sign-in',
    }),
  password: ({ data, identifier }) => passwordPage({ ...data, identifier }),
  'sign-up': ({ step, data, shown }) => {
    const { identifier = step.email, firstName, lastName } = shown.mishap?.typed ?? {}
    const isSetup = shown.view.transaction.state.request.grantsRole !== undefined
    const typed = {
      ...optional('identifier', identifier),
      ...optional('firstName', firstName),
      ...optional('lastName', lastName),
    }
    return signUpPage({ ...data, ...typed, canSignIn: !isSetup })
  },
  'enrol-passkey': ({ step, data, shown, identifier }) =>
    enrolPasskeyPage({
      ...data,
      account: identifier,
      occasion: step.isNewUser ? 'sign-up' : 'offer',
      canSkip: step.isSkippable,
      conditional: lastMethod(shown.view) === 'password',
    }),
  consent: ({ step, data, identifier }) =>
    consentPage({
      ...data,
      client: step.clientName,
      account: identifier,
      scopes: step.scopes.map((name) => ({ name })),
    }),
}

/** Draws the page of the first open step, with the others beside it as ways that may be chosen. */
export function drawStep(shown: Shown): string {
  const [step] = shown.view.steps
  if (!step) throw new Error('No step is open')
  const identifier = shown.view.user?.identifier ?? shown.view.transaction.state.signUp?.email ?? ''
  // Each step's name picks the drawing that takes it, which the compiler cannot follow through a table.
  const draw = drawings[step.name] as Drawing<StepName>
  return draw({ step, data: transactionData(shown, step, identifier), shown, identifier })
}

function transactionData(shown: Shown, step: Step, identifier: string): TransactionPageData {
  const { house, request, reply, handle, view } = shown
  const { version, state } = view.transaction
  return {
    ...pageData(house, request),
    handle,
    version,
    csrf: csrfTokenFor(house.vault, request, reply, handle),
    alternatives: view.steps.slice(1).flatMap((other) => wayOf(other, identifier)),
    ...optional('client', state.request.client?.name),
    ...told(shown, step),
  }
}

const ways: Readonly<Partial<Record<StepName, Alternative['step']>>> = {
  passkey: 'passkey',
  'send-code': 'code',
  code: 'code',
  password: 'password',
}

function wayOf({ name }: Step, address: string): Alternative[] {
  const way = ways[name]
  if (way !== 'code') return way ? [{ step: way }] : []
  // Where no code was sent yet, choosing this way sends one.
  return [{ step: way, sends: name === 'send-code', ...addressIn(address) }]
}

/** The address that the person typed themselves; whose mailbox a username stands for is not told. */
function addressIn(identifier: string): { address?: string } {
  return identifier.includes('@') ? { address: identifier } : {}
}

const fieldOf: Readonly<Record<string, string>> = {
  identifier_invalid: 'identifier',
  code_incorrect: 'code',
  code_expired: 'code',
  code_exhausted: 'code',
  password_incorrect: 'password',
}

/** A refusal stands under its field when the page has it, else above the form; notices are told kindly. */
function told({ view, mishap }: Shown, step: Step): Pick<TransactionPageData, 'messages' | 'fieldErrors'> {
  const notices = view.notices.map(
    ({ code, values }) =>
      ({ level: code === 'code_sent' ? 'success' : 'info', code, ...(values && { values }) }) as const,
  )
  if (!mishap) return { messages: notices }
  const field = fieldOf[mishap.code]
  const hasField = field !== undefined && ['identify', 'sign-up', 'code', 'password'].includes(step.name)
  if (hasField) return { fieldErrors: { [field]: mishap.code } }
  return { messages: [{ level: 'error', code: mishap.code, ...(mishap.values && { values: mishap.values }) }] }
}

function lastMethod({ transaction }: View): string | undefined {
  return transaction.state.subject?.authentications.at(-1)?.method
}

function optional<Name extends string>(name: Name, value: string | undefined): { [N in Name]?: string } {
  return value === undefined || value === '' ? {} : ({ [name]: value } as { [N in Name]?: string })
}
