import type { Bench } from '../bench.ts'
import { startChild } from '../child.ts'
import { percentile } from '../measure.ts'
import { ms, rate, type Section } from '../report.ts'

type Commits = { cpuMs: number; perSecond: number; perCommit: number; times: number[] }

const crowds = [1, 16, 64]
/** How many transactions may share a commit: as many as the server lets, or each has its own. */
const groupSizes = [64, 1]

/** What sharing commits gives on SQLite: the database alone, each transaction recording one event. */
export async function groupCommit({ pinning, sizes, tell }: Bench): Promise<Section[]> {
  const rows: string[][] = []
  for (const clients of crowds) {
    for (const groupSize of groupSizes) {
      tell(`group commit: ${clients} clients, ${groupSize === 1 ? 'a commit each' : 'shared commits'}`)
      const environment = {
        GROUP_SIZE: String(groupSize),
        CLIENTS: String(clients),
        TRANSACTIONS: String(sizes.rounds * sizes.operations * 4),
      }
      const child = startChild({ program: new URL('../children/commits.ts', import.meta.url), environment, pinning })
      const { cpuMs, perSecond, perCommit, times } = await child.told(isCommits).finally(() => child.stop())
      rows.push([
        `${clients}, ${groupSize === 1 ? 'a commit each' : 'shared commits'}`,
        rate(perSecond),
        perCommit.toFixed(1),
        ms(cpuMs),
        ms(percentile(times, 0.5)),
        ms(percentile(times, 0.99)),
      ])
    }
  }
  return [
    {
      title: 'Group commit',
      note: 'SQLite with `synchronous=FULL`; each transaction records one event.',
      head: ['Clients', 'transactions per second', 'transactions per commit', 'CPU', 'p50', 'p99'],
      rows,
    },
  ]
}

function isCommits(message: unknown): message is Commits {
  return typeof message === 'object' && message !== null && 'perCommit' in message && 'times' in message
}
