import type { Ground } from '../platform/ground.ts'
import { sequenceEvents } from '../records/events/index.ts'
import type { Job } from './runner.ts'

const atOnce = 500

/** Numbers the events that have been committed, for whoever follows the log. */
export function numberEvents({ db }: Pick<Ground, 'db'>): Job {
  return {
    name: 'sequence-events',
    everyMs: 5_000,
    afterWritesMs: 250,
    run: async () => (await sequenceEvents(db, { limit: atOnce })) >= atOnce,
  }
}
