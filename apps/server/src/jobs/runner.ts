import { statisticsOf } from '../platform/database/index.ts'
import type { Ground } from '../platform/ground.ts'
import { newId } from '../platform/ids.ts'
import { releaseLease, takeLease } from '../records/outbox/index.ts'

/** Work that nobody waits for. */
export type Job = {
  readonly name: string
  /** How long it rests when nothing calls for it; other processes leave work too, so it always looks again. */
  readonly everyMs: number
  /** It also runs after a write of this process, at most this often. */
  readonly afterWritesMs?: number
  /** One process of many runs it in each period. */
  readonly isExclusive?: boolean
  /** Does what is due. @returns whether there may be more to do at once */
  run(): Promise<boolean>
}

export type RunningJobs = {
  /** Lets what runs finish, and starts nothing more. */
  stop(): Promise<void>
}

type Yard = Pick<Ground, 'db' | 'now' | 'log'>

/** How often the count of writes is looked at: a number in memory, no query. */
const lookMs = 50
const longestRestMs = 5 * 60_000

/**
 * Runs each job in a loop of its own, so that one which fails or hangs holds up no other.
 *
 * A write wakes jobs without anybody having to tell them, which also means that no caller can forget to.
 */
export function runJobs(yard: Yard, jobs: readonly Job[]): RunningJobs {
  const holder = newId('job')
  const loops = jobs.map((job) => runJob(yard, job, holder))
  let seen = statisticsOf(yard.db).transactions
  const look = setInterval(() => {
    const { transactions } = statisticsOf(yard.db)
    if (transactions === seen) return
    seen = transactions
    for (const loop of loops) loop.wake()
  }, lookMs)
  look.unref()
  return {
    async stop() {
      clearInterval(look)
      await Promise.all(loops.map((loop) => loop.stop()))
    },
  }
}

function runJob({ db, now, log }: Yard, job: Job, holder: string) {
  const rest = createRest()
  let isStopped = false
  let failures = 0

  async function attempt(): Promise<boolean> {
    try {
      if (job.isExclusive && !(await takeLease(db, job.name, holder, job.everyMs, now()))) return false
      const hasMore = await job.run()
      failures = 0
      return hasMore
    } catch (failure) {
      if (isStopped) return false
      failures += 1
      log.error({ job: job.name, failures, err: failure }, 'a job failed; it runs again later')
      return false
    }
  }

  async function loop(): Promise<void> {
    while (!isStopped) {
      const startedAt = performance.now()
      if ((await attempt()) || isStopped) continue
      const isWakeable = job.afterWritesMs !== undefined && failures === 0
      await rest.take(restAfter(job, failures), isWakeable ? { from: startedAt + (job.afterWritesMs ?? 0) } : undefined)
    }
    if (job.isExclusive) await releaseLease(db, job.name, holder).catch(() => undefined)
  }

  const done = loop()
  return {
    wake: () => rest.wake(),
    async stop() {
      isStopped = true
      rest.end()
      await done
    },
  }
}

/** A job that fails rests twice as long each time. */
function restAfter(job: Job, failures: number): number {
  return failures === 0 ? job.everyMs : Math.min(Math.max(job.everyMs, 1_000) * 2 ** failures, longestRestMs)
}

/** A pause that ends by time, by a wake-up that may have to wait for its turn, or because there is no more to do. */
function createRest() {
  let isEnded = false
  // A wake-up that comes while the job runs may be for what it has not seen.
  let isWoken = false
  let onWake: (() => void) | undefined
  let onEnd: (() => void) | undefined

  return {
    wake() {
      isWoken = true
      onWake?.()
    },
    end() {
      isEnded = true
      onEnd?.()
    },
    async take(ms: number, wakeable: { from: number } | undefined): Promise<void> {
      if (isEnded) return
      const { promise, resolve } = Promise.withResolvers<void>()
      const timers = [setTimeout(resolve, ms).unref()]
      onEnd = resolve
      onWake = () => {
        if (wakeable) timers.push(setTimeout(resolve, Math.max(0, wakeable.from - performance.now())).unref())
        onWake = undefined
      }
      if (isWoken) onWake()
      await promise
      for (const timer of timers) clearTimeout(timer)
      onWake = undefined
      isWoken = false
    },
  }
}
