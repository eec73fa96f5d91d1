import type { Bench } from '../bench.ts'
import { signInFloor } from '../floor.ts'
import { type Latchkey, startLatchkey } from '../latchkey.ts'
import { eachOf, type Figures, measure, median, type Operation, type Sizes, warmUp } from '../measure.ts'
import { newVisit, signInByPasskey, steps, type Visit } from '../passkey-sign-in.ts'
import { megabytes, ms, rate, type Section, share, times } from '../report.ts'

type Measured = Figures & { clients: number; perCommit: number }

/** Whole passkey sign-ins, and what each of their requests costs. */
export async function signIn({ pinning, sizes, floor, tell }: Bench): Promise<Section[]> {
  const server = await startLatchkey({ pinning })
  try {
    tell('passkey sign-in: warming up')
    await warmUp(sizes, operationOf(server))
    const measured: Measured[] = []
    for (const clients of [1, 16, 64]) {
      tell(`passkey sign-in: ${clients} at a time`)
      // One at a time there is no crowd to wait for, and much waiting for the disk.
      const operations = clients === 1 ? Math.ceil(sizes.operations / 3) : sizes.operations
      measured.push(await measureWhole(server, { ...sizes, operations }, clients))
    }
    tell('passkey sign-in: request by request')
    const costs = await measureSteps(server, sizes)
    const { rssBytes } = await server.child.usage()
    return [wholeSection(measured, costs, signInFloor(floor), rssBytes), stepSection(costs)]
  } finally {
    await server.close()
  }
}

export function operationOf(server: Latchkey): Operation<Visit> {
  return {
    prepare: async (count) => Array.from({ length: count }, () => newVisit(server, server.someone())),
    run: (visit) => signInByPasskey(server, visit),
  }
}

async function measureWhole(server: Latchkey, sizes: Sizes, clients: number): Promise<Measured> {
  const before = await server.database()
  const figures = await measure(server.child, sizes, clients, operationOf(server))
  const after = await server.database()
  const perCommit = (after.transactions - before.transactions) / (after.commits - before.commits)
  return { ...figures, clients, perCommit }
}

type StepCost = { name: string; cpuMs: number }

/** Takes a crowd through the sign-in in step: all ask for the first page, then all for the second, and so on. */
async function measureSteps(server: Latchkey, { rounds, operations }: Sizes): Promise<StepCost[]> {
  const costs = new Map<string, number[]>(steps.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    const visits = await operationOf(server).prepare(operations)
    for (const { name, run } of steps) {
      const before = await server.child.usage()
      await eachOf(visits, 16, (visit) => run(server, visit))
      costs.get(name)?.push(((await server.child.usage()).cpuMs - before.cpuMs) / operations)
    }
  }
  return [...costs].map(([name, found]) => ({ name, cpuMs: median(found) }))
}

function wholeSection(
  measured: readonly Measured[],
  costs: readonly StepCost[],
  floorMs: number,
  rss: number,
): Section {
  const page = costs.find(({ name }) => name === 'GET the page')?.cpuMs ?? 0
  const crowd = measured.at(-1)
  if (!crowd) throw new Error('nothing was measured')
  const [ratio, spread] = [crowd.cpuMs / floorMs, crowd.p99 / crowd.p50]
  return {
    title: 'Passkey sign-in',
    note:
      `Six requests: authorize, the page, start, finish, the redirect with the code, token. Its own cryptography ` +
      `(one ES256 verification, two RS256 signatures) is ${ms(floorMs)}. Memory after it: ${megabytes(rss)}.`,
    head: [
      'At a time',
      'CPU',
      '÷ cryptography',
      'without the page',
      'per second',
      'p50',
      'p99',
      'p99 ÷ p50',
      'transactions per commit',
    ],
    rows: measured.map(({ clients, cpuMs, perSecond, p50, p99, perCommit }) => [
      String(clients),
      ms(cpuMs),
      times(cpuMs / floorMs),
      times((cpuMs - page) / floorMs),
      rate(perSecond),
      ms(p50),
      ms(p99),
      times(p99 / p50),
      perCommit.toFixed(1),
    ]),
    aims: [
      {
        aim: 'a whole passkey sign-in below 4 times its own cryptography, at full load',
        measured: times(ratio),
        isMet: ratio < 4,
      },
      { aim: 'p99 of a sign-in below 5 times its p50, at full load', measured: times(spread), isMet: spread < 5 },
    ],
  }
}

function stepSection(costs: readonly StepCost[]): Section {
  const whole = costs.reduce((sum, { cpuMs }) => sum + cpuMs, 0)
  return {
    title: 'Passkey sign-in, request by request',
    note: 'Taken in step by 16 clients, so that each kind of request is measured alone.',
    head: ['Request', 'CPU', 'of the whole'],
    rows: costs.map(({ name, cpuMs }) => [name, ms(cpuMs), share(cpuMs / whole)]),
  }
}
