import type { Ground } from '../platform/ground.ts'
import type { MailTransport } from '../platform/mail.ts'
import { removeExpired } from './remove-expired.ts'
import { renewSecrets } from './renew-secrets.ts'
import { rotateKeys } from './rotate-keys.ts'
import { type RunningJobs, runJobs } from './runner.ts'
import { openDelivery, sendMail } from './send-mail.ts'
import { numberEvents } from './sequence-events.ts'

export type JobOptions = {
  /** The mail server; without one, mail is kept in the mailbox in development and fails elsewhere. */
  transport?: MailTransport
  isDevelopment: boolean
}

/** Starts every job; any number of processes may do so on one database. */
export function startJobs(ground: Ground, { transport, isDevelopment }: JobOptions): RunningJobs {
  return runJobs(ground, [
    sendMail(ground, openDelivery(ground, { transport, isDevelopment })),
    numberEvents(ground),
    removeExpired(ground),
    rotateKeys(ground),
    renewSecrets(ground),
  ])
}
