import { writeLetter } from '../pages/index.ts'
import { minute, second } from '../platform/clock.ts'
import { inTransaction } from '../platform/database/index.ts'
import type { Ground } from '../platform/ground.ts'
import type { Mail, MailTransport } from '../platform/mail.ts'
import { recordEvent } from '../records/events/index.ts'
import { keepMail } from '../records/mailbox/index.ts'
import type { OrgId } from '../records/orgs/index.ts'
import { type DueItem, finish, hasDue, retryLater, takeDue } from '../records/outbox/index.ts'
import { errors } from './errors.ts'
import type { Job } from './runner.ts'
import { mailOrderSchema } from './schema.ts'

type Deps = Pick<Ground, 'db' | 'vault' | 'now' | 'log'>

/** Gives a mail to whoever delivers it. @throws when it was not taken */
export type Deliver = (org: OrgId, mail: Mail) => Promise<void>

const atOnce = 10
const deliveryTimeMs = 30 * second
const leaseMs = deliveryTimeMs + 30 * second
const maxAttempts = 8

/**
 * Chooses where mail goes: to the mail server where one is set, in development to the mailbox page.
 *
 * In production without a mail server every mail fails, and says why in the log and in the audit.
 */
export function openDelivery(
  { db, now }: Pick<Ground, 'db' | 'now'>,
  options: { transport: MailTransport | undefined; isDevelopment: boolean },
): Deliver {
  const { transport, isDevelopment } = options
  if (transport) return (_org, mail) => transport(mail)
  if (!isDevelopment) return () => Promise.reject(errors.mail_not_configured())
  return async (org, { to, subject, text }) => {
    await keepMail(db, org, { to, subject, body: text }, now())
  }
}

/** Delivers the mail in the outbox. Each is tried for about an hour, at least once and seldom twice. */
export function sendMail(deps: Deps, deliver: Deliver): Job {
  return {
    name: 'send-mail',
    everyMs: second,
    afterWritesMs: 0,
    async run() {
      const { db, vault, now } = deps
      if (!(await hasDue(db, 'mail', now()))) return false
      const items = await takeDue(db, vault, { kind: 'mail', limit: atOnce, leaseMs }, now())
      // Side by side: a mail server that is slow with one would else outlast the lease of the others.
      await Promise.all(items.map((item) => sendOne(deps, deliver, item)))
      return items.length === atOnce
    },
  }
}

async function sendOne(deps: Deps, deliver: Deliver, item: DueItem): Promise<void> {
  const { org, id, attempts } = item
  const order = mailOrderSchema.safeParse(item.payload)
  if (order.data?.to === null) return await finish(deps.db, org, id)
  const details = { to: order.data?.to, template: order.data?.template, attempts }
  try {
    if (!order.success) throw errors.mail_unreadable({ cause: order.error })
    await inTime(deliver(org, { to: order.data.to, ...writeLetter('en', order.data.template, order.data.values) }))
  } catch (failure) {
    return await giveBack(deps, item, failure, details)
  }
  await inTransaction(deps.db, async (tx) => {
    await finish(tx, org, id)
    await recordEvent(tx, org, 'mail.sent', { at: deps.now(), details })
  })
}

async function giveBack(deps: Deps, item: DueItem, failure: unknown, details: object): Promise<void> {
  const { org, id, attempts } = item
  const reason = reasonOf(failure)
  const isFinal = attempts >= maxAttempts || isRefusedForGood(failure)
  deps.log.warn({ org, mail: id, reason, attempts, isFinal, err: failure }, 'a mail was not delivered')
  await inTransaction(deps.db, async (tx) => {
    const at = deps.now()
    if (isFinal) await finish(tx, org, id)
    else await retryLater(tx, org, id, { dueAt: at + pauseAfter(attempts), error: reason })
    await recordEvent(tx, org, 'mail.failed', { at, outcome: 'FAILURE', reason, details: { ...details, isFinal } })
  })
}

/** 5 s, 15 s, 45 s … 20 minutes: a code is wanted at once, and a mail server may be away for a while. */
export function pauseAfter(attempts: number): number {
  return Math.min(5 * second * 3 ** (attempts - 1), 20 * minute)
}

function reasonOf(failure: unknown): string {
  if (typeof failure !== 'object' || failure === null) return 'unknown'
  const status = smtpStatus(failure)
  const code: unknown = Reflect.get(failure, 'code')
  if (status !== undefined) return `smtp_${status}`
  return typeof code === 'string' ? code.toLowerCase() : 'unknown'
}

/** Trying again does not help where the server said no for good (RFC 5321 §4.2.1), or where we cannot read the order. */
function isRefusedForGood(failure: unknown): boolean {
  if (typeof failure !== 'object' || failure === null) return false
  const isAboutUs = Reflect.get(failure, 'code') === 'EAUTH'
  return Reflect.get(failure, 'code') === 'mail_unreadable' || (!isAboutUs && (smtpStatus(failure) ?? 0) >= 500)
}

function smtpStatus(failure: object): number | undefined {
  const status: unknown = Reflect.get(failure, 'responseCode')
  return typeof status === 'number' ? status : undefined
}

async function inTime(delivery: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(errors.mail_timed_out()), deliveryTimeMs)
  try {
    await Promise.race([delivery, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
