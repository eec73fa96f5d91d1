import { z } from 'zod'
import { sendMail } from '../directory/index.ts'
import { minute, second } from '../platform/clock.ts'
import { newDigits } from '../platform/ids.ts'
import { isEqualSecret } from '../platform/vault.ts'
import { recordEvent } from '../records/events/index.ts'
import { saveTransaction } from '../records/transactions/index.ts'
import { findUser, listAddresses, newUserId, type UserId, verifyAddress } from '../records/users/index.ts'
import { countAttempt, forgetFailures } from './attempts.ts'
import type { Attempt, Plan } from './deps.ts'
import { signInErrors } from './errors.ts'
import { quiet } from './navigate.ts'
import { parseAnswer } from './parse.ts'
import { prove } from './prove.ts'
import { proveSignUp } from './sign-up-user.ts'
import type { EmailCode, TransactionState } from './transaction.ts'

const codeLifetimeMs = 10 * minute
const codeLength = 6
const attemptsPerCode = 5
/** How long before another code may be asked for. */
export const codeResendMs = 30 * second

const input = z.object({ code: z.string().max(64) })

/**
 * Sends a code to the user's address. For an identifier that is nobody's all is the same, but that the mail goes nowhere.
 */
export async function sendCode(attempt: Attempt): Promise<Plan> {
  const { transaction, at } = attempt
  const { state } = transaction
  const identifier = claimedIdentifier(state)
  const earlier = state.emailCode
  if (earlier && at < earlier.sentAt + codeResendMs)
    throw signInErrors.too_many_attempts({
      details: { retryAfter: Math.ceil((earlier.sentAt + codeResendMs - at) / 1000) },
    })
  await countAttempt(attempt, 'send-code', identifier)
  return await planCode(attempt, state, await addressOf(attempt))
}

/** Makes a code, keeps its digest and queues the mail, which goes nowhere when there is no address to send it to. */
export async function planCode(attempt: Attempt, state: TransactionState, address: string | undefined): Promise<Plan> {
  const { deps, org, transaction, context, at } = attempt
  const code = newDigits(codeLength)
  const emailCode: EmailCode = {
    digest: digestOf(attempt, code),
    sentTo: addressDigestOf(attempt, address),
    sentAt: at,
    expiresAt: at + codeLifetimeMs,
    attemptsLeft: attemptsPerCode,
  }
  return {
    state: {
      ...quiet(state),
      emailCode,
      chosen: 'email-code',
      notices: state.emailCode ? [{ code: 'code_sent' }] : [],
    },
    within: async (tx) => {
      await sendMail(
        tx,
        deps.vault,
        org.id,
        { to: address ?? null, template: 'email-code', values: { code, org: org.name } },
        at,
      )
      const userId = state.claim?.userId
      await recordEvent(tx, org.id, 'email-code.sent', {
        at,
        context,
        ...(userId && { userId }),
        details: { transactionId: transaction.id, isDelivered: address !== undefined },
      })
    },
  }
}

/** Takes the code that the person typed: the try is spent and committed before it counts. */
export async function acceptCode(attempt: Attempt, answer: unknown): Promise<Plan> {
  const { transaction, at } = attempt
  const { state } = transaction
  const typed = parseAnswer(input, answer).code.replaceAll(/[\s-]/g, '')
  const { emailCode } = state
  if (!emailCode) throw signInErrors.step_not_open()
  const identifier = claimedIdentifier(state)
  await countAttempt(attempt, 'code', identifier)
  if (emailCode.attemptsLeft <= 0) throw signInErrors.code_exhausted({ audit: audit(state) })
  if (emailCode.expiresAt <= at) throw signInErrors.code_expired({ audit: audit(state) })
  if (!isEqualSecret(emailCode.digest, digestOf(attempt, typed))) {
    await spendTry(attempt, emailCode)
    throw signInErrors.code_incorrect({ audit: audit(state) })
  }
  await forgetFailures(attempt, 'code', identifier)
  return state.mode === 'sign-up' && state.signUp
    ? await proveSignUp(attempt, state.signUp)
    : await proveCode(attempt, emailCode)
}

async function proveCode(attempt: Attempt, { sentTo }: EmailCode): Promise<Plan> {
  const { deps, org, transaction, context, at } = attempt
  const userId = transaction.state.claim?.userId
  const user = userId ? await findUser(deps.db, org.id, userId) : undefined
  const address = user && (await addressOf(attempt))
  // No mail was sent, so that only a guess gets here, or it went to an address that is not theirs any more: it is as
  // wrong as any other.
  if (!user || address === undefined || sentTo !== addressDigestOf(attempt, address))
    throw signInErrors.code_incorrect({ audit: audit(transaction.state) })
  return await prove(attempt, {
    user,
    authentication: { method: 'email-code', at },
    within: async (tx) => {
      await verifyAddress(tx, org.id, user.id, 'email', address, at)
      await recordEvent(tx, org.id, 'email-code.accepted', { at, userId: user.id, context })
    },
  })
}

/** Commits the spent try on its own, so that guesses at the same time cannot share one. */
async function spendTry({ deps, org, transaction }: Attempt, emailCode: EmailCode): Promise<void> {
  const attemptsLeft = emailCode.attemptsLeft - 1
  const state = { ...transaction.state, emailCode: { ...emailCode, attemptsLeft } }
  const isSpent = await saveTransaction(deps.db, org.id, transaction.id, transaction.version, { state })
  if (!isSpent) throw signInErrors.transaction_changed()
}

function digestOf({ deps, transaction }: Attempt, code: string): string {
  return deps.vault.digest('email-code', `${transaction.id}\0${code}`)
}

function addressDigestOf({ deps, transaction }: Attempt, address: string | undefined): string {
  return deps.vault.digest('email-code-address', `${transaction.id}\0${address ?? ''}`)
}

function claimedIdentifier({ claim, signUp }: TransactionState): string {
  const identifier = signUp?.email ?? claim?.identifier
  if (identifier === undefined) throw signInErrors.step_not_open()
  return identifier
}

async function addressOf(attempt: Attempt): Promise<string | undefined> {
  const { deps, org, transaction } = attempt
  const { signUp, claim } = transaction.state
  if (signUp) return signUp.email
  // Nobody is looked up as somebody is: the number of queries tells as little as the answer.
  const userId = claim?.userId ?? newUserId()
  const user = await findUser(deps.db, org.id, userId)
  const address = await findPrimaryAddress(attempt, userId)
  return user && (address ?? user.profile.email)
}

async function findPrimaryAddress({ deps, org }: Attempt, userId: UserId): Promise<string | undefined> {
  const addresses = await listAddresses(deps.db, org.id, userId)
  return addresses.find(({ isPrimary }) => isPrimary)?.value
}

const audit = ({ claim }: TransactionState) => ({
  event: 'email-code.refused',
  ...(claim?.userId && { userId: claim.userId }),
})
