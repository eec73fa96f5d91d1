import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { databases, describeEachDatabase } from '../platform/database/testing.ts'
import { openLog } from '../platform/log.ts'
import { takeLease } from '../records/outbox/index.ts'
import { type Job, type RunningJobs, runJobs } from './runner.ts'

const log = openLog({ level: 'silent' })
const now = () => Date.now()
const long = 60_000

const running: RunningJobs[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((jobs) => jobs.stop()))
})

/** A job that only counts how often it ran. */
function counter(name: string, options: Partial<Job> = {}): Job & { runs: number } {
  const job = {
    name,
    everyMs: long,
    runs: 0,
    async run() {
      job.runs += 1
      return false
    },
    ...options,
  }
  return job
}

async function run(db: Parameters<typeof runJobs>[0]['db'], jobs: readonly Job[]): Promise<RunningJobs> {
  const started = runJobs({ db, now, log }, jobs)
  running.push(started)
  return started
}

const [sqlite] = databases
if (!sqlite) throw new Error('there is no SQLite')

describe('A job', () => {
  test('that fails holds up no other, rests longer each time and is logged', async () => {
    const db = await sqlite.open()
    const error = vi.spyOn(log, 'error')
    let attempts = 0
    const failing = counter('failing', {
      everyMs: 10,
      run: async () => {
        attempts += 1
        throw new Error('broken')
      },
    })
    const working = counter('working', { everyMs: 10 })
    await run(db, [failing, working])
    await vi.waitFor(() => expect(working.runs).toBeGreaterThan(10), 5_000)
    expect(attempts).toBe(1)
    expect(error).toHaveBeenCalledWith(expect.objectContaining({ job: 'failing', failures: 1 }), expect.any(String))
  })

  test('runs again at once as long as there is more to do', async () => {
    const db = await sqlite.open()
    let left = 5
    const job = counter('draining', {
      run: async () => {
        left -= 1
        return left > 0
      },
    })
    await run(db, [job])
    await vi.waitFor(() => expect(left).toBe(0), 2_000)
    await sleep(100)
    expect(left).toBe(0)
  })

  test('is woken by a write of this process, without being told', async () => {
    const db = await sqlite.open()
    const woken = counter('woken', { afterWritesMs: 0 })
    const patient = counter('patient')
    await run(db, [woken, patient])
    await vi.waitFor(() => expect(woken.runs).toBe(1))
    await takeLease(db, 'any write will do', 'me', 1_000, now())
    await vi.waitFor(() => expect(woken.runs).toBe(2), 2_000)
    await sleep(200)
    expect(woken.runs).toBe(2)
    expect(patient.runs).toBe(1)
  })

  test('is woken no more often than it asks for', async () => {
    const db = await sqlite.open()
    const job = counter('woken', { afterWritesMs: 300 })
    await run(db, [job])
    for (let write = 0; write < 10; write += 1) {
      await takeLease(db, 'any write will do', 'me', 1_000, now())
      await sleep(50)
    }
    expect(job.runs).toBeLessThanOrEqual(3)
    await vi.waitFor(() => expect(job.runs).toBeGreaterThanOrEqual(2), 2_000)
  })

  test('that runs is finished before the jobs have stopped, and runs no more', async () => {
    const db = await sqlite.open()
    let finished = 0
    const slow = counter('slow', {
      everyMs: 1,
      run: async () => {
        await sleep(100)
        finished += 1
        return true
      },
    })
    const jobs = await run(db, [slow])
    await sleep(20)
    await jobs.stop()
    expect(finished).toBe(1)
    await sleep(150)
    expect(finished).toBe(1)
  })
})

describeEachDatabase('An exclusive job', (open) => {
  test('runs in one of two processes, and in the other once the first has stopped', async () => {
    const db = await open()
    const [first, second] = [counter('exclusive', { isExclusive: true }), counter('exclusive', { isExclusive: true })]
    const jobs = await run(db, [first])
    await vi.waitFor(() => expect(first.runs).toBe(1), 2_000)
    const others = await run(db, [second])
    await sleep(100)
    expect(second.runs).toBe(0)
    await jobs.stop()
    await others.stop()
    const third = counter('exclusive', { isExclusive: true })
    await run(db, [third])
    await vi.waitFor(() => expect(third.runs).toBe(1), 2_000)
  })
})
