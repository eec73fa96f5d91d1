import { createHouse, type House } from '../app.ts'
import type { Config } from '../config.ts'
import { startJobs } from '../jobs/index.ts'
import type { Log } from '../platform/log.ts'
import type { MailTransport } from '../platform/mail.ts'
import { giveBackMemory } from '../platform/memory.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'

export type ServeOptions = {
  config: Config
  log: Log
  /** Sets up what must be there before the first request. */
  prepare: (house: House) => Promise<void>
  /** Told once requests are answered; what it returns is closed with the server. */
  onReady: (house: House) => Promise<{ close(): Promise<void> } | undefined>
}

/** How long a stop may take: supervisors kill after a little more. */
const stopWithinMs = 10_000
const settledAfterMs = 2_000

/** Builds the house, listens, and answers when it was asked to stop and has stopped. */
export async function serve({ config, log, prepare, onReady }: ServeOptions): Promise<ExitCode> {
  const stopAsked = waitForStop(log)
  const house = await createHouse({ config, log })
  try {
    await prepare(house)
    await listen(house)
  } catch (failure) {
    await house.close()
    throw failure
  }
  const transport = await openTransport(config)
  const jobs = startJobs(house.ground, { isDevelopment: config.mode === 'dev', ...(transport && { transport }) })
  const companion = await onReady(house).catch(async (failure: unknown) => {
    await stop([() => house.app.close(), () => jobs.stop(), () => house.close()], log)
    throw failure
  })
  log.info({ address: house.app.addresses()[0], mode: config.mode }, 'ready')
  // Not at once: whoever waited for the start is answered first.
  setTimeout(giveBackMemory, settledAfterMs).unref()
  const signal = await stopAsked
  log.info({ signal }, 'stopping')
  // In this order: nothing new comes in, what runs is finished, and only then is its database closed.
  const steps = [() => house.app.close(), () => jobs.stop(), () => house.close()]
  return await stop(companion ? [() => companion.close(), ...steps] : steps, log)
}

/** Loads the mail library only where there is a mail server to talk to. */
async function openTransport({ smtpUrl, mailFrom }: Config): Promise<MailTransport | undefined> {
  if (smtpUrl === undefined) return undefined
  const { openSmtp } = await import('../platform/mail.ts')
  return openSmtp(smtpUrl, mailFrom)
}

async function listen({ app, config }: House): Promise<void> {
  try {
    await app.listen({ port: config.port, host: config.bind })
  } catch (failure) {
    if (failure instanceof Error && 'code' in failure && failure.code === 'EADDRINUSE')
      failure.message = `Port ${config.port} is in use. Stop what listens there, or set PORT to another.`
    throw failure
  }
}

async function stop(steps: readonly (() => Promise<unknown>)[], log: Log): Promise<ExitCode> {
  const late = Promise.withResolvers<'late'>()
  const timer = setTimeout(() => late.resolve('late'), stopWithinMs)
  try {
    const outcome = await Promise.race([inOrder(steps), late.promise])
    if (outcome === 'late') log.error('stopping took too long; what still ran was cut off')
    return outcome === 'late' ? exitCodes.failed : exitCodes.fine
  } finally {
    clearTimeout(timer)
  }
}

async function inOrder(steps: readonly (() => Promise<unknown>)[]): Promise<'done'> {
  for (const step of steps) await step()
  return 'done'
}

/** Resolves with the first signal to stop. A second one ends the process: somebody insists. */
function waitForStop(log: Log): Promise<NodeJS.Signals> {
  const fail = (failure: unknown) => {
    log.fatal({ err: failure }, 'a failure that nobody caught; the process ends')
    process.exit(exitCodes.failed)
  }
  process.on('uncaughtException', fail)
  process.on('unhandledRejection', fail)
  return new Promise((resolve) => {
    let isAsked = false
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (isAsked) process.exit(exitCodes.failed)
        isAsked = true
        resolve(signal)
      })
    }
  })
}
